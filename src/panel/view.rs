//! What the panel shows: a line of status, what went wrong, the list, the selected session's properties.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CssStyleSheet, HtmlElement, ShadowRoot};

use super::dom::{Dom, append, create, show_attribute, show_if, show_text};
use super::property::{omitted, properties};
use super::read::{Limits, read, sessions};
use super::row::{RowKey, rows};
use super::table::Table;
use super::text::visible;
use super::tree::Tree;
use super::value::{Value, counted};

/// Everything that decides what is shown.
#[derive(Clone)]
pub struct Model {
    /// A result of getSessionInfo, whoever made it; `undefined` while there is none.
    pub result: JsValue,
    /// Why the latest request brought no list.
    pub problem: Option<String>,
    /// The session whose properties are shown. It need not be in the list.
    pub selected: Option<RowKey>,
    /// How the list is kept fresh.
    pub feed: FeedState,
}

/// How the list is kept fresh, as the style sheet names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedState {
    /// It is not: it was given, or asked for once.
    None,
    /// Its first request is on its way.
    Loading,
    /// It is asked for again and again.
    Live,
}

/// The panel's elements.
pub struct View {
    status: Shown,
    problem: Shown,
    table: Table,
    properties: HtmlElement,
    heading: Shown,
    hint: Shown,
    tree: Tree,
    tree_of: Option<RowKey>,
    omitted: Shown,
}

/// An element and the text that it shows.
struct Shown {
    node: HtmlElement,
    text: String,
}

impl Shown {
    fn show(&mut self, text: &str) {
        show_text(&self.node, &mut self.text, text);
        show_if(&self.node, !text.is_empty());
    }
}

impl View {
    /// An empty panel in place of what the shadow root holds.
    ///
    /// # Errors
    /// What the browser throws.
    pub fn new(root: &ShadowRoot) -> Dom<Self> {
        root.set_adopted_style_sheets(&js_sys::Array::of1(&stylesheet()?));
        root.replace_children_with_node_0();
        let panel = create("div", "panel")?;
        root.append_child(&panel)?;
        let shown = |parent: &HtmlElement, tag, class, role| {
            let node = append(parent, tag, class)?;
            if let Some(role) = role {
                node.set_attribute("role", role)?;
            }
            Dom::Ok(Shown { node, text: String::new() })
        };
        let status = shown(&panel, "p", "status", Some("status"))?;
        let problem = shown(&panel, "p", "problem", Some("alert"))?;
        let panes = append(&panel, "div", "panes")?;
        let list = append(&panes, "div", "list")?;
        let table = Table::new(&list)?;
        let properties = append(&panes, "section", "properties")?;
        properties.set_attribute("aria-label", "Properties of the selected session")?;
        // What scrolls must be reachable by keyboard.
        properties.set_attribute("tabindex", "0")?;
        let heading = shown(&properties, "h2", "heading", None)?;
        let hint = shown(&properties, "p", "hint", None)?;
        let tree = Tree::new(&properties)?;
        let omitted = shown(&properties, "p", "omitted", None)?;
        Ok(Self { status, problem, table, properties, heading, hint, tree, tree_of: None, omitted })
    }

    /// The element whose events say what the user chooses.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// Shows the model, at a time in milliseconds since 1970.
    ///
    /// # Errors
    /// What the browser throws.
    pub fn show(&mut self, model: &Model, now_ms: u64) -> Dom<()> {
        let nothing_yet = model.result.is_undefined();
        let (sessions, left_out, no_list) = match sessions(&model.result) {
            Ok((sessions, left_out)) => (sessions, left_out, None),
            Err(_) if nothing_yet => (Vec::new(), 0, None),
            Err(found) => {
                (Vec::new(), 0, Some(format!("This is no list of sessions but {found}.")))
            }
        };
        let values: Vec<Value> =
            sessions.iter().map(|session| read(session, Limits::ROW)).collect();
        let rows = rows(&values, now_ms);

        self.status.show(&match (&no_list, nothing_yet, model.feed) {
            (Some(_), ..) => String::new(),
            (_, true, FeedState::None) if model.problem.is_none() => {
                "No sessions were given: set the property sessions, or the attribute src.".into()
            }
            (_, true, _) if model.problem.is_none() => "Loading …".into(),
            (_, true, _) => String::new(),
            _ if left_out > 0 => format!(
                "{}, the first {} are shown",
                counted(rows.len() + left_out, "session"),
                super::units::grouped(rows.len() as u64)
            ),
            _ => counted(rows.len(), "session"),
        });
        let state = match model.feed {
            FeedState::Live if model.problem.is_none() => "live",
            FeedState::Live => "stale",
            _ => "",
        };
        show_attribute(&self.status.node, "data-feed", state)?;
        self.problem.show(&match (&model.problem, &no_list) {
            (Some(problem), _) if !rows.is_empty() => {
                visible(&format!("{problem} Below is the last list that came."))
            }
            (Some(problem), _) => visible(problem),
            (None, Some(no_list)) => visible(no_list),
            (None, None) => String::new(),
        });

        let selected = model.selected.as_ref();
        let index = rows.iter().position(|row| Some(&row.key) == selected);
        show_if(&self.properties, !rows.is_empty() || selected.is_some());
        self.table.show(rows, selected)?;
        self.show_properties(index.map(|index| &sessions[index]), selected, now_ms)
    }

    fn show_properties(
        &mut self,
        session: Option<&JsValue>,
        selected: Option<&RowKey>,
        now_ms: u64,
    ) -> Dom<()> {
        let value = session.map(|session| read(session, Limits::PROPERTIES));
        self.hint.show(match (&value, selected) {
            (Some(_), _) => "",
            (None, Some(_)) => "The selected session is not in the list.",
            (None, None) => "Select a session to see its properties.",
        });
        self.heading.show(if value.is_some() { "Properties" } else { "" });
        self.omitted.show(&value.as_ref().map(omitted).unwrap_or_default());
        // Another session's tree is another tree: nothing of it is open yet.
        if self.tree_of.as_ref() != selected {
            self.tree_of = selected.cloned();
            self.tree.show(Vec::new())?;
            self.properties.set_scroll_top(0);
        }
        self.tree.show(value.map(|value| properties(&value, now_ms)).unwrap_or_default())
    }
}

/// The style sheet, one for all panels: constructed, so that a page's Content-Security-Policy needs to
/// allow nothing for it.
fn stylesheet() -> Dom<JsValue> {
    thread_local! {
        static SHEET: std::cell::OnceCell<CssStyleSheet> = const { std::cell::OnceCell::new() };
    }
    SHEET.with(|sheet| {
        if let Some(sheet) = sheet.get() {
            return Ok(sheet.clone().unchecked_into());
        }
        let new = CssStyleSheet::new()?;
        new.replace_sync(include_str!("../../www/panel/panel.css"))?;
        Ok(sheet.get_or_init(|| new).clone().unchecked_into())
    })
}
