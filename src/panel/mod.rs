//! Shows sessions in designer tooling: `getSessionInfo` for JavaScript, and the element
//! `<session-info-panel>`.
//!
//! Data flows one way: a result, by `read` into a `value`, into `row`s and `property`s, by
//! `view` into the document. www/panel/ is the JavaScript skin.
//!
//! | module | what it is |
//! |---|---|
//! | `value`, `text`, `units`, `device` | what a foreign result can hold, and how it is said; pure |
//! | `row`, `property` | a session as a line of the list, and as a tree of properties; pure |
//! | `read` | any JavaScript value into a `Value` |
//! | `request`, `error`, `feed` | getSessionInfo over HTTP, once and again and again |
//! | `dom`, `table`, `tree`, `view` | the panel's elements |
//! | `element` | what `<session-info-panel>` delegates to |

mod device;
mod dom;
mod element;
mod error;
mod feed;
mod property;
mod read;
mod request;
mod row;
mod table;
mod text;
mod tree;
mod units;
mod value;
mod view;

pub use element::Panel;
pub use request::get_session_info;
