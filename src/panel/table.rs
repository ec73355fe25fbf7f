//! The list of sessions: a table whose lines can be chosen.
//!
//! A line stays the same element as long as its session is listed, so that focus, scroll position and
//! a text selection survive every update; only cells whose text differs are written.

use wasm_bindgen::JsCast;
use web_sys::{Element, FocusOptions, HtmlElement, Node};

use super::dom::{Dom, append, create, show_attribute, show_if, show_text};
use super::row::{COLUMNS, Cell, Row, RowKey};

/// The list of sessions.
pub struct Table {
    node: HtmlElement,
    body: HtmlElement,
    lines: Vec<Line>,
    selected: Option<RowKey>,
}

struct Line {
    key: RowKey,
    node: HtmlElement,
    cells: Vec<CellView>,
}

struct CellView {
    node: HtmlElement,
    shown: Cell,
}

impl Table {
    /// An empty list at the end of an element.
    ///
    /// # Errors
    /// What the browser throws.
    pub fn new(parent: &Element) -> Dom<Self> {
        let table = append(parent, "table", "sessions")?;
        // A table is a grid where lines can be selected. The roles are said aloud because browsers
        // forget those of table elements that the narrow form lays out as blocks.
        table.set_attribute("role", "grid")?;
        table.set_attribute("aria-label", "Sessions")?;
        let head = append(&table, "thead", "")?;
        head.set_attribute("role", "rowgroup")?;
        let headings = append(&head, "tr", "")?;
        headings.set_attribute("role", "row")?;
        for column in &COLUMNS {
            let heading = append(&headings, "th", column.class)?;
            heading.set_attribute("role", "columnheader")?;
            heading.set_attribute("scope", "col")?;
            heading.set_text_content(Some(column.heading));
        }
        let body = append(&table, "tbody", "")?;
        body.set_attribute("role", "rowgroup")?;
        Ok(Self { node: table, body, lines: Vec::new(), selected: None })
    }

    /// The element that holds the lines.
    #[must_use]
    pub fn body(&self) -> &HtmlElement {
        &self.body
    }

    /// Shows these lines, and which of them is selected.
    ///
    /// # Errors
    /// What the browser throws.
    pub fn show(&mut self, rows: Vec<Row>, selected: Option<&RowKey>) -> Dom<()> {
        let focused = self.focused();
        let mut before: Vec<Option<Line>> =
            std::mem::take(&mut self.lines).into_iter().map(Some).collect();
        // Nearly always the next one is the one: all before it have been taken.
        let mut taken = 0;
        for row in rows {
            let mut lines = before.iter_mut().skip(taken);
            let line = lines
                .find(|line| line.as_ref().is_some_and(|line| line.key == row.key))
                .and_then(Option::take);
            while before.get(taken).is_some_and(Option::is_none) {
                taken += 1;
            }
            let mut line = match line {
                Some(line) => line,
                None => Line::new(row.key)?,
            };
            line.show(row.cells)?;
            self.lines.push(line);
        }
        // First, so that what stays need not be moved: moving an element takes its focus.
        for gone in before.into_iter().flatten() {
            gone.node.remove();
        }
        let mut next = self.body.first_child();
        for line in &self.lines {
            let node: &Node = line.node.as_ref();
            if next.as_ref() == Some(node) {
                next = node.next_sibling();
            } else {
                self.body.insert_before(node, next.as_ref())?;
            }
        }
        show_if(&self.node, !self.lines.is_empty());
        self.select(selected)?;
        match focused {
            Some(line) if self.focused().is_none() => focus(&line),
            _ => Ok(()),
        }
    }

    fn select(&mut self, selected: Option<&RowKey>) -> Dom<()> {
        self.selected = selected.cloned();
        // The one line that the Tab key stops at; the arrow keys reach the others.
        let stop = self.lines.iter().position(|line| Some(&line.key) == selected).unwrap_or(0);
        for (index, line) in self.lines.iter().enumerate() {
            let is_selected = Some(&line.key) == selected;
            show_attribute(
                &line.node,
                "aria-selected",
                if is_selected { "true" } else { "false" },
            )?;
            show_attribute(&line.node, "tabindex", if index == stop { "0" } else { "-1" })?;
        }
        Ok(())
    }

    /// The session whose line an event happened in.
    #[must_use]
    pub fn hit(&self, target: &Node) -> Option<RowKey> {
        self.lines.iter().find(|line| line.node.contains(Some(target))).map(|line| line.key.clone())
    }

    /// Where a key leads from a line: the arrows, Home and End to another one, Enter and the space bar
    /// to the line itself. Any other key leads nowhere.
    #[must_use]
    pub fn led_by(&self, key: &str, from: &RowKey) -> Option<RowKey> {
        let index = self.lines.iter().position(|line| line.key == *from)?;
        let last = self.lines.len() - 1;
        let to = match key {
            "ArrowDown" => (index + 1).min(last),
            "ArrowUp" => index.saturating_sub(1),
            "Home" => 0,
            "End" => last,
            "Enter" | " " => index,
            _ => return None,
        };
        Some(self.lines[to].key.clone())
    }

    /// Moves the focus to the selected line.
    ///
    /// # Errors
    /// What the browser throws.
    pub fn focus_selected(&self) -> Dom<()> {
        let Some(line) = self.lines.iter().find(|line| Some(&line.key) == self.selected.as_ref())
        else {
            return Ok(());
        };
        line.node.focus()
    }

    fn focused(&self) -> Option<HtmlElement> {
        let root: web_sys::ShadowRoot = self.body.get_root_node().dyn_into().ok()?;
        let active = root.active_element()?;
        self.body.contains(Some(active.as_ref())).then(|| active.unchecked_into())
    }
}

fn focus(element: &HtmlElement) -> Dom<()> {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    element.focus_with_options(&options)
}

impl Line {
    fn new(key: RowKey) -> Dom<Self> {
        let node = create("tr", "session")?;
        node.set_attribute("role", "row")?;
        let cells = COLUMNS
            .iter()
            .map(|column| {
                let node = append(&node, "td", column.class)?;
                node.set_attribute("role", "gridcell")?;
                // For the narrow form, which has no line of headings.
                node.set_attribute("data-heading", column.heading)?;
                Ok(CellView { node, shown: Cell::default() })
            })
            .collect::<Dom<_>>()?;
        Ok(Self { key, node, cells })
    }

    fn show(&mut self, cells: [Cell; COLUMNS.len()]) -> Dom<()> {
        for (view, cell) in self.cells.iter_mut().zip(cells) {
            view.show(cell)?;
        }
        Ok(())
    }
}

impl CellView {
    fn show(&mut self, cell: Cell) -> Dom<()> {
        show_text(&self.node, &mut self.shown.text, &cell.text);
        if self.shown.title != cell.title {
            show_attribute(&self.node, "title", &cell.title)?;
        }
        if self.shown.faint != cell.faint {
            self.node.class_list().toggle_with_force("faint", cell.faint)?;
        }
        self.shown = cell;
        Ok(())
    }
}
