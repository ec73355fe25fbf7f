//! Keeps the sessions that `<session-info-panel>` shows: compact columns, filtered, searched, sorted and compared
//! here; www/panel/ puts the lines that are in view into the document, and words what is said.
//!
//! Data flows one way: JSON, by `intake` into `columns`, by `order` to the lines that are listed. Pure but for
//! `sessions`, which is what JavaScript sees of it.
//!
//! | module | what it is |
//! |---|---|
//! | `json` | reads JSON where it lies |
//! | `texts` | texts that occur again and again |
//! | `columns` | what is listed of each session, by column |
//! | `blocks` | bytes that are kept in many pieces |
//! | `packed` | the JSON of a session in a third of its room |
//! | `intake` | takes sessions out of JSON that comes piece by piece |
//! | `session` | takes out of the JSON of one session what is listed of it |
//! | `search` | which texts hold what is searched for |
//! | `order` | which sessions are listed, in which order |
//! | `sessions` | what JavaScript sees |

mod blocks;
mod columns;
mod intake;
mod json;
mod order;
mod packed;
mod search;
mod session;
mod sessions;
mod texts;

pub use sessions::Sessions;
