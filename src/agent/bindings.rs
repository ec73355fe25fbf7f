//! The state machine as www/agent/ calls it, in wasm. There is one agent to a document, so functions
//! without an object are enough, and smaller.
//!
//! Each event brings the time with it (`performance.now()`) and gets back the milliseconds until
//! [`agent_tick`] wants to be called, −1 for never.

use std::cell::RefCell;

use wasm_bindgen::prelude::wasm_bindgen;

use super::host::{Number, Text};
use super::identity::Identity;
use super::{Agent, Host};

#[cfg(all(target_arch = "wasm32", not(feature = "panel")))]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

#[wasm_bindgen]
extern "C" {
    /// The page and the browser, as www/agent/host.js makes them. None of these throws.
    pub type PageHost;

    #[wasm_bindgen(method)]
    fn text(this: &PageHost, what: u32) -> Option<String>;
    #[wasm_bindgen(method)]
    fn number(this: &PageHost, what: u32) -> f64;
    #[wasm_bindgen(method)]
    fn read(this: &PageHost, name: &str) -> Option<String>;
    #[wasm_bindgen(method)]
    fn write(this: &PageHost, name: &str, value: &str) -> bool;
    #[wasm_bindgen(method)]
    fn keep(this: &PageHost, record: &str);
    #[wasm_bindgen(method)]
    fn random(this: &PageHost) -> u32;
    #[wasm_bindgen(method)]
    fn ask(this: &PageHost);
    #[wasm_bindgen(method)]
    fn post(this: &PageHost, report: &str, own: bool);
    #[wasm_bindgen(method)]
    fn beacon(this: &PageHost, report: &str);
    #[wasm_bindgen(method)]
    fn settle(this: &PageHost, problem: Option<&str>);
    #[wasm_bindgen(method)]
    fn say(this: &PageHost, message: &str);
    #[wasm_bindgen(method)]
    fn zero(this: &PageHost);
    #[wasm_bindgen(method)]
    fn tell(this: &PageHost, project: &str, session_id: &str, page_id: &str, scope: &str);
}

impl Host for PageHost {
    fn text(&self, what: Text) -> Option<String> {
        self.text(what as u32)
    }
    fn number(&self, what: Number) -> u64 {
        integer(self.number(what as u32))
    }
    fn read(&self, name: &str) -> Option<String> {
        self.read(name)
    }
    fn write(&self, name: &str, value: &str) -> bool {
        self.write(name, value)
    }
    fn keep(&self, record: &str) {
        self.keep(record);
    }
    fn random(&self) -> u32 {
        self.random()
    }
    fn ask(&self) {
        self.ask();
    }
    fn post(&self, report: &str, own: bool) {
        self.post(report, own);
    }
    fn beacon(&self, report: &str) {
        self.beacon(report);
    }
    fn settle(&self, problem: Option<&str>) {
        self.settle(problem);
    }
    fn say(&self, message: &str) {
        self.say(message);
    }
    fn zero(&self) {
        self.zero();
    }
    fn tell(&self, identity: &Identity) {
        let Identity { project, session_id, page_id, scope, .. } = identity;
        self.tell(project, session_id, page_id, scope.as_str());
    }
}

thread_local! {
    static AGENT: RefCell<Option<Agent<PageHost>>> = const { RefCell::new(None) };
}

/// Starts the agent, in the place of one that was stopped.
#[wasm_bindgen]
pub fn agent_start(host: PageHost, now: f64) -> i32 {
    let agent = Agent::new(host, integer(now));
    AGENT.with(|slot| {
        if let Ok(mut slot) = slot.try_borrow_mut() {
            *slot = Some(agent);
        }
    });
    agent_tick(now, false)
}

/// Looks at the page, and does what is due. `wanted`: the page has asked for a report.
#[wasm_bindgen]
pub fn agent_tick(now: f64, wanted: bool) -> i32 {
    with(|agent| agent.tick(integer(now), wanted))
}

/// The page's identity token is there, or it has none.
#[wasm_bindgen]
pub fn agent_told(now: f64) -> i32 {
    with(|agent| agent.told(integer(now)))
}

/// The gateway has answered a report: its HTTP status (0 for no answer), and how many milliseconds it asks
/// to wait (0 where it does not).
#[wasm_bindgen]
pub fn agent_answered(now: f64, status: u32, retry_after_ms: f64) -> i32 {
    with(|agent| agent.answered(integer(now), status, integer(retry_after_ms)))
}

/// The page is closed, put away, or wants no agent any more.
#[wasm_bindgen]
pub fn agent_hide(now: f64) -> i32 {
    with(|agent| {
        agent.hide(integer(now));
        None
    })
}

/// The page is back from the back/forward cache.
#[wasm_bindgen]
pub fn agent_show(now: f64) -> i32 {
    with(|agent| agent.show(integer(now)))
}

fn with(event: impl FnOnce(&mut Agent<PageHost>) -> Option<u64>) -> i32 {
    let wake = AGENT.with(|slot| event(slot.try_borrow_mut().ok()?.as_mut()?));
    wake.map_or(-1, |wake| i32::try_from(wake).unwrap_or(i32::MAX))
}

/// A JavaScript number as an integer: rounded down, 0 where it is negative or no number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates, and what is no number becomes 0"
)]
fn integer(number: f64) -> u64 {
    number as u64
}
