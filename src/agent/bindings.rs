//! The state machine as www/agent/ calls it, in wasm. There is one agent to a document, so functions
//! without an object are enough, and smaller.
//!
//! What an event brings with it stands in the host's texts and numbers, the time too (`performance.now()`).

use atomic_refcell::AtomicRefCell;
use wasm_bindgen::prelude::wasm_bindgen;

use super::host::{Act, Number, Text};
use super::lifecycle::Event;
use super::{Agent, Host};

// The page and the browser, as www/agent/host.js makes them. None of these throws.
#[wasm_bindgen(js_namespace = agentHost)]
extern "C" {
    fn text(what: u32, into: &mut [u8]) -> usize;
    fn number(what: u32) -> f64;
    fn read(project: &[u8], into: &mut [u8]) -> usize;
    fn write(project: &[u8], text: &[u8]) -> bool;
    fn random() -> u32;
    fn act(what: u32, text: &[u8]);
}

/// The document that the wasm runs in.
struct Document;

impl Host for Document {
    fn text(&self, what: Text, into: &mut [u8]) -> usize {
        text(what as u32, into)
    }
    fn number(&self, what: Number) -> u64 {
        integer(number(what as u32))
    }
    fn read(&self, project: &[u8], into: &mut [u8]) -> usize {
        read(project, into)
    }
    fn write(&self, project: &[u8], text: &[u8]) -> bool {
        write(project, text)
    }
    fn random(&self) -> u32 {
        random()
    }
    fn act(&self, what: Act, text: &[u8]) {
        act(what as u32, text);
    }
}

static AGENT: AtomicRefCell<Agent<Document>> = AtomicRefCell::new(Agent::new(Document));

/// The events as www/agent/events.js numbers them.
const EVENTS: [Event; 8] = [
    Event::Start,
    Event::Tick,
    Event::Wanted,
    Event::Told,
    Event::Answered,
    Event::Hide,
    Event::Freeze,
    Event::Show,
];

/// Something has happened. Returns after how many milliseconds to be called with [`Event::Tick`].
#[wasm_bindgen]
pub fn agent_event(event: usize) -> u32 {
    let (Some(event), Ok(mut agent)) = (EVENTS.get(event), AGENT.try_borrow_mut()) else {
        return MAX_WAKE;
    };
    let wake = agent.on(*event, Document.number(Number::Now));
    u32::try_from(wake).unwrap_or(MAX_WAKE).min(MAX_WAKE)
}

/// Longer than any page lives; a browser takes what is more than 31 bits for nothing.
const MAX_WAKE: u32 = u32::MAX >> 1;

/// A JavaScript number as an integer: rounded down, 0 where it is negative or no number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates, and what is no number becomes 0"
)]
fn integer(number: f64) -> u64 {
    number as u64
}
