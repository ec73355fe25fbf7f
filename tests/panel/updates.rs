//! An update changes what differs and nothing else: the user keeps the selection, the focus, the place.

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{HtmlElement, KeyboardEvent, KeyboardEventInit};

use crate::support::{Shown, changes, js, next};

fn selected(panel: &Shown) -> Vec<String> {
    panel.texts(".session[aria-selected=true] .user .text")
}

fn focused(panel: &Shown) -> Option<HtmlElement> {
    panel.root().active_element().map(JsCast::unchecked_into)
}

fn press(panel: &Shown, key: &str) -> bool {
    let init = KeyboardEventInit::new();
    init.set_key(key);
    init.set_bubbles(true);
    init.set_cancelable(true);
    let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
    let target = focused(panel).unwrap_or_else(|| panel.all(".session .cell")[0].clone());
    !target.dispatch_event(&event).unwrap()
}

#[wasm_bindgen_test]
async fn the_same_result_again_touches_nothing() {
    let sessions = js("[{ id: 'a', username: 'billy', pageIds: ['x'] }, { id: 'b' }, null]");
    let panel = Shown::of(&sessions).await;
    panel.click(0);
    changes(&panel.root());
    panel.set_sessions(&sessions);
    panel.set_sessions(&js("[{ id: 'a', username: 'billy', pageIds: ['x'] }, { id: 'b' }, null]"));
    assert_eq!(changes(&panel.root()), 0);
}

#[wasm_bindgen_test]
async fn a_value_that_differs_is_the_only_thing_written() {
    let panel = Shown::new("[{ id: 'a', uptime: 1000 }, { id: 'b', uptime: 1000 }]").await;
    changes(&panel.root());
    panel.set_sessions(&js("[{ id: 'a', uptime: 1000 }, { id: 'b', uptime: 2000 }]"));
    assert_eq!(changes(&panel.root()), 1);
    assert_eq!(panel.column("uptime"), ["1 s", "2 s"]);
}

#[wasm_bindgen_test]
async fn the_selection_stays_with_its_session_wherever_that_stands() {
    let panel = Shown::new("[{ id: 'a', username: 'A' }, { id: 'b', username: 'B' }]").await;
    panel.click(1);
    assert_eq!(selected(&panel), ["B"]);
    panel.set_sessions(&js(
        "[{ id: 'b', username: 'B2' }, { id: 'c', username: 'C' }, { id: 'a' }]",
    ));
    assert_eq!(selected(&panel), ["B2"]);
    assert_eq!(panel.property("username"), "B2");
    assert_eq!(panel.selection().as_deref(), Some("b"));
}

#[wasm_bindgen_test]
async fn a_selected_session_that_leaves_is_missed_and_selected_again_when_it_is_back() {
    let panel = Shown::new("[{ id: 'a' }, { id: 'b', username: 'B' }]").await;
    panel.click(1);
    panel.set_sessions(&js("[{ id: 'a' }]"));
    assert_eq!(selected(&panel), [""; 0]);
    assert_eq!(panel.text(".hint"), "The selected session is not in the list.");
    panel.set_sessions(&js("[{ id: 'b', username: 'B' }]"));
    assert_eq!(selected(&panel), ["B"]);
}

#[wasm_bindgen_test]
async fn sessions_of_the_same_id_are_selected_one_at_a_time() {
    let sessions =
        js("[{ id: 'a', username: '1' }, { id: 'a', username: '2' }, { username: '3' }, {}]");
    let panel = Shown::of(&sessions).await;
    for (line, user) in ["1", "2", "3", "–"].into_iter().enumerate() {
        panel.click(line);
        assert_eq!(selected(&panel), [user]);
        panel.set_sessions(&sessions);
        assert_eq!(selected(&panel), [user]);
    }
}

#[wasm_bindgen_test]
async fn focus_and_elements_stay_when_lines_come_go_and_move() {
    let panel = Shown::new("[{ id: 'a' }, { id: 'b' }, { id: 'c' }]").await;
    panel.click(1);
    let line = focused(&panel).unwrap();
    for sessions in [
        "[{ id: 'b' }, { id: 'c' }]",
        "[{ id: 'x' }, { id: 'y' }, { id: 'b' }]",
        "[{ id: 'b' }, { id: 'y' }, { id: 'x' }]",
        "[{ id: 'x' }, { id: 'b' }, { id: 'y' }]",
    ] {
        panel.set_sessions(&js(sessions));
        assert_eq!(focused(&panel), Some(line.clone()), "{sessions}");
    }
}

#[wasm_bindgen_test]
async fn scroll_positions_stay() {
    let panel = Shown::new(
        "Array.from({ length: 100 }, (_, i) => ({ id: String(i), pageIds: Array(10).fill('p') }))",
    )
    .await;
    panel.set_attribute("style", "block-size: 300px; inline-size: 700px").unwrap();
    panel.click(3);
    let panes = panel.all(".grid, .tree");
    panes[0].set_scroll_top(300);
    panes[1].set_scroll_top(10);
    panel.set_sessions(&js("Array.from({ length: 100 }, (_, i) => ({ id: String(i), uptime: 5, pageIds: Array(10).fill('q') }))"));
    assert_eq!((panes[0].scroll_top(), panes[1].scroll_top()), (300, 10));
}

#[wasm_bindgen_test]
async fn what_the_user_has_opened_or_closed_stays_so() {
    let panel = Shown::new("[{ id: 'a', pageIds: ['x'], many: Array(20).fill(1) }]").await;
    panel.click(0);
    let open = || -> Vec<_> {
        let branches = panel.all("[role=tree] [aria-expanded]");
        branches.iter().map(|it| it.get_attribute("aria-expanded").unwrap()).collect()
    };
    assert_eq!(open(), ["true", "false"]);
    panel.all("[aria-expanded] .name")[0].click();
    panel.all("[role=tree] [aria-expanded] .name")[1].click();
    panel.set_sessions(&js("[{ id: 'a', pageIds: ['x', 'y'], many: Array(30).fill(2) }]"));
    assert_eq!(open(), ["false", "true"]);
}

#[wasm_bindgen_test]
async fn a_property_that_changes_its_type_is_shown_anew() {
    let panel = Shown::new("[{ id: 'a', value: 'text', last: 1 }]").await;
    panel.click(0);
    panel.set_sessions(&js("[{ id: 'a', value: ['item'], last: 1 }]"));
    assert_eq!(panel.property("value"), "1 item");
    assert_eq!(panel.property("0"), "item");
    panel.set_sessions(&js("[{ id: 'a', value: 5 }]"));
    assert_eq!(panel.property("value"), "5");
    assert_eq!(panel.properties().len(), 2);
}

#[wasm_bindgen_test]
async fn the_keys_move_the_focus_by_cell_line_and_page_and_select() {
    let panel =
        Shown::new("Array.from({ length: 100 }, (_, i) => ({ id: String(i), username: `u${i}` }))")
            .await;
    panel.all(".session .user")[0].focus().unwrap();
    for (key, shown) in [
        ("ArrowDown", "u1"),
        ("ArrowDown", "u2"),
        ("ArrowUp", "u1"),
        ("ArrowRight", "–"),
        ("ArrowLeft", "u1"),
        ("ArrowUp", "u0"),
        ("ArrowUp", "User"),
        ("ArrowUp", "User"),
        ("ArrowDown", "u0"),
        ("PageUp", "u0"),
    ] {
        assert!(press(&panel, key), "{key} is used");
        assert!(focused(&panel).unwrap().text_content().unwrap().starts_with(shown), "{key}");
        assert_eq!(panel.all(".grid [tabindex='0']").len(), 1, "one stop for the Tab key");
    }
    press(&panel, "PageDown");
    let row = focused(&panel).unwrap().parent_element().unwrap();
    let index: u32 = row.get_attribute("aria-rowindex").unwrap().parse().unwrap();
    assert!(index > 5, "{index}");
    assert_eq!(selected(&panel), [""; 0], "the focus selects nothing");
    for key in ["Enter", " "] {
        press(&panel, "ArrowDown");
        assert!(press(&panel, key));
        let row = focused(&panel).unwrap().parent_element().unwrap();
        assert_eq!(row.get_attribute("aria-selected").unwrap(), "true");
    }
    assert!(!press(&panel, "a"), "other keys are the browser's");
}

#[wasm_bindgen_test]
async fn a_heading_sorts_is_made_wider_and_hidden_by_keys_and_stays_so() {
    let sessions = js("[{ username: 'b' }, { username: 'C' }, { username: 'a' }, {}]");
    let panel = Shown::of(&sessions).await;
    let heading = || panel.all(".heading.user")[0].clone();
    heading().focus().unwrap();
    for (key, sort, users) in [
        ("Enter", "ascending", ["a", "b", "C", "–"]),
        (" ", "descending", ["C", "b", "a", "–"]),
        ("Enter", "none", ["b", "C", "a", "–"]),
    ] {
        assert!(press(&panel, key));
        assert_eq!(heading().get_attribute("aria-sort").unwrap(), sort);
        assert_eq!(panel.column("user"), users);
    }
    press(&panel, "Enter");
    press(&panel, "ArrowRight");
    assert!(press(&panel, "Delete"));
    assert_eq!(panel.all(".heading.project").len(), 0);
    let again = Shown(crate::support::new_panel());
    again.set_sessions(&sessions);
    crate::support::body().append_child(&again).unwrap();
    crate::support::turns().await;
    assert_eq!(again.all(".heading.project, .cell.project").len(), 0);
    assert_eq!(again.column("user"), ["a", "b", "C", "–"]);
    let count = again.all("[role=grid]")[0].get_attribute("aria-colcount").unwrap();
    assert_eq!(count, "12", "what is hidden counts");
}

#[wasm_bindgen_test]
async fn the_user_who_selects_is_heard_and_the_property_is_silent() {
    let panel = Shown::new("[{ id: 'a' }, { id: 'b' }]").await;
    let heard = next(&panel, "session-info-select");
    panel.set_selection(Some("b"));
    panel.click(0);
    assert_eq!(heard.await.unwrap(), JsValue::from("a"));
    panel.set_selection(None);
    assert_eq!(panel.selection(), None);
    assert_eq!(panel.text(".hint"), "Select a session to see its properties.");
}

#[wasm_bindgen_test]
async fn what_a_screen_reader_says_is_there() {
    let panel = Shown::new("[{ id: 'a' }]").await;
    panel.click(0);
    let role = |selector: &str| panel.all(selector)[0].get_attribute("role").unwrap();
    assert_eq!(
        [
            role(".grid"),
            role(".session"),
            role(".cell"),
            role(".grid .heading"),
            role(".tree"),
            role(".property"),
            role(".spoken"),
            role(".problem")
        ],
        ["grid", "row", "gridcell", "columnheader", "tree", "treeitem", "status", "alert"]
    );
    let label = |selector: &str| panel.all(selector)[0].get_attribute("aria-label").unwrap();
    assert_eq!(label(".grid"), "Sessions");
    assert_eq!(label(".properties"), "Properties of the selected session");
}
