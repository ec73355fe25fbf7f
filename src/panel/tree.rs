//! The properties of the selected session: a tree of names and values.
//!
//! Lists and objects are `details` elements, which the keyboard opens and a search in the page finds.
//! As in the table, an update writes only what differs, so that what the user has opened stays open.

use web_sys::{Element, HtmlElement};

use super::dom::{Dom, append, create, show_text};
use super::property::Property;

/// A branch of at most so many lines is open at first.
const OPEN_UP_TO: usize = 12;

/// Lines of properties, one below the other.
pub struct Tree {
    list: HtmlElement,
    lines: Vec<Line>,
}

struct Line {
    shown: Property,
    node: HtmlElement,
    name: HtmlElement,
    value: HtmlElement,
    note: HtmlElement,
    omitted: HtmlElement,
    branch: Option<Tree>,
}

impl Tree {
    /// No lines yet, at the end of an element.
    ///
    /// # Errors
    /// What the browser throws.
    pub fn new(parent: &Element) -> Dom<Self> {
        let list = append(parent, "ul", "")?;
        // Safari takes a list without bullets for none.
        list.set_attribute("role", "list")?;
        Ok(Self { list, lines: Vec::new() })
    }

    /// Shows these properties.
    ///
    /// # Errors
    /// What the browser throws.
    pub fn show(&mut self, properties: Vec<Property>) -> Dom<()> {
        for gone in self.lines.drain(properties.len().min(self.lines.len())..) {
            gone.node.remove();
        }
        for (index, property) in properties.into_iter().enumerate() {
            match self.lines.get_mut(index) {
                Some(line) if line.can_show(&property) => line.show(property)?,
                Some(line) => {
                    let new = Line::new(property)?;
                    line.node.replace_with_with_node_1(&new.node)?;
                    *line = new;
                }
                None => {
                    let new = Line::new(property)?;
                    self.list.append_child(&new.node)?;
                    self.lines.push(new);
                }
            }
        }
        Ok(())
    }
}

impl Line {
    fn new(property: Property) -> Dom<Self> {
        let node = create("li", "property")?;
        let line;
        let branch;
        match &property.children {
            Some(children) => {
                let details = append(&node, "details", "")?;
                if children.len() <= OPEN_UP_TO {
                    details.set_attribute("open", "")?;
                }
                line = append(&details, "summary", "line")?;
                branch = Some(Tree::new(&details)?);
            }
            None => {
                line = append(&node, "div", "line")?;
                branch = None;
            }
        }
        let name = append(&line, "span", "name")?;
        let cell = append(&line, "span", "cell")?;
        let value = append(&cell, "span", "value")?;
        let note = append(&cell, "span", "note")?;
        // What a branch does not show is said where it ends.
        let end = line.parent_element().filter(|_| branch.is_some());
        let omitted = append(end.as_ref().unwrap_or(&cell), "span", "omitted")?;
        let shown = Property { children: None, kind: "", ..Property::default() };
        let mut line = Self { shown, node, name, value, note, omitted, branch };
        line.show(property)?;
        Ok(line)
    }

    /// Whether the line only has to change its texts. Another name is another property, which does not
    /// inherit what the user has opened.
    fn can_show(&self, property: &Property) -> bool {
        self.shown.name == property.name && self.branch.is_some() == property.children.is_some()
    }

    fn show(&mut self, property: Property) -> Dom<()> {
        show_text(&self.name, &mut self.shown.name, &property.name);
        show_text(&self.value, &mut self.shown.text, &property.text);
        show_text(&self.note, &mut self.shown.note, &property.note);
        show_text(&self.omitted, &mut self.shown.omitted, &property.omitted);
        if self.shown.kind != property.kind {
            self.shown.kind = property.kind;
            self.value.set_attribute("data-kind", property.kind)?;
            self.value.set_attribute("title", property.kind)?;
        }
        match (&mut self.branch, property.children) {
            (Some(branch), Some(children)) => branch.show(children),
            _ => Ok(()),
        }
    }
}
