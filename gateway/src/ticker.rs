//! What happens four times a second: what time alone brings about, alerts, and what followers of events are told.

use std::time::Duration;

use tokio::time::MissedTickBehavior;

use crate::gateway::Gateway;

/// How often followers are told of changes at most.
const TICK: Duration = Duration::from_millis(250);

/// Ticks for ever.
pub async fn run(gateway: &Gateway) {
    let mut ticks = tokio::time::interval(TICK);
    // After a pause there is one batch, not many.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        while gateway.advance() {
            // Reports are joined between two parts.
            tokio::task::yield_now().await;
        }
        let turned = gateway.check_alerts();
        gateway.events.tell(gateway, &turned);
        gateway.refusals.tell_rest(gateway.now());
    }
}
