//! Lists that are longer than what is in view: what is looked at stays where it is.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;

use crate::support::{Shown, js, turns};

/// So many sessions, from a number on, with so many bytes sent more.
fn list(from: usize, count: usize, more: usize) -> String {
    let sessions: Vec<_> = (from..from + count)
        .map(|i| format!(r#"{{"id":"{i}","username":"u{i}","totalBytesSent":{}}}"#, i + more))
        .collect();
    format!("[{}]", sessions.join(","))
}

fn grid(panel: &Shown) -> HtmlElement {
    panel.all(".grid")[0].clone()
}

/// Where a session's line stands in the window.
fn top_of(panel: &Shown, user: &str) -> f64 {
    let texts = panel.all(".session .user .text");
    let text = texts.iter().find(|text| text.text_content().as_deref() == Some(user)).unwrap();
    let line = text.closest(".session").unwrap().unwrap();
    line.get_bounding_client_rect().top()
}

/// Puts the pointer on a session's line.
fn point(panel: &Shown, user: &str) {
    let y = top_of(panel, user) + 5.0;
    js(&format!(
        "(grid) => grid.dispatchEvent(new PointerEvent('pointermove', {{ clientY: {y}, pointerType: 'mouse' }}))"
    ))
    .unchecked_into::<js_sys::Function>()
    .call1(&wasm_bindgen::JsValue::NULL, &grid(panel))
    .unwrap();
}

#[wasm_bindgen_test]
async fn all_lines_can_be_scrolled_to() {
    let panel = Shown::new("undefined").await;
    JsFuture::from(panel.read_json(&list(0, 30_000, 0))).await.unwrap();
    assert_eq!(panel.text(".status"), "30,000 sessions");
    let grid = grid(&panel);
    grid.set_scroll_top(grid.scroll_height());
    while !panel.column("user").contains(&"u29999".to_owned()) {
        turns().await;
    }
    let last = panel.all(".session").last().unwrap().clone();
    assert_eq!(last.get_attribute("aria-rowindex").unwrap(), "30001");
    assert!(panel.all(".session").len() < 60);
}

#[wasm_bindgen_test]
async fn the_line_under_the_pointer_stays_there_whatever_comes_and_goes_above_it() {
    let panel = Shown::new("undefined").await;
    JsFuture::from(panel.read_json(&list(0, 500, 0))).await.unwrap();
    for top in [0, 3_000] {
        grid(&panel).set_scroll_top(top);
        turns().await;
        while panel.all(".session").len() < 10 {
            turns().await;
        }
        let users = panel.column("user");
        let user = &users[users.len() / 2];
        let number: usize = user[1..].parse().unwrap();
        point(&panel, user);
        let before = top_of(&panel, user);
        for (from, count) in [(number.saturating_sub(2), 300), (0, 500), (number, 3), (0, 500)] {
            JsFuture::from(panel.read_json(&list(from, count, 0))).await.unwrap();
            assert!((top_of(&panel, user) - before).abs() < 1.5, "{user} after {from} {count}");
        }
    }
}

#[wasm_bindgen_test]
async fn the_line_that_has_the_focus_stays_where_it_is_and_keeps_it() {
    let panel = Shown::new("undefined").await;
    JsFuture::from(panel.read_json(&list(0, 500, 0))).await.unwrap();
    panel.all(".heading.sent")[0].click();
    let cell = panel.all(".session .user")[8].clone();
    cell.focus().unwrap();
    let user = cell.text_content().unwrap();
    let before = top_of(&panel, &user);
    for more in [0, 200, 50] {
        // All others overtake it, or fall back behind it.
        let others = list(0, 500, more)
            .replace(&format!("\"totalBytesSent\":{}}}", 8 + more), "\"totalBytesSent\":150}");
        JsFuture::from(panel.read_json(&others)).await.unwrap();
        assert_eq!(panel.root().active_element().as_ref(), Some(cell.as_ref()));
        assert!((top_of(&panel, &user) - before).abs() < 1.5, "{more}");
    }
}

#[wasm_bindgen_test]
async fn what_has_the_focus_keeps_it_when_it_is_scrolled_out_of_view() {
    let panel = Shown::new("undefined").await;
    JsFuture::from(panel.read_json(&list(0, 5_000, 0))).await.unwrap();
    let cell = panel.all(".session .user")[3].clone();
    cell.focus().unwrap();
    grid(&panel).set_scroll_top(60_000);
    while panel.column("user").contains(&"u5".to_owned()) {
        turns().await;
    }
    assert_eq!(panel.root().active_element().as_ref(), Some(cell.as_ref()));
    assert_eq!(panel.column("user")[0], "u3", "the lines are read in their order");
}

#[wasm_bindgen_test]
async fn of_two_readings_the_later_one_is_shown() {
    let panel = Shown::new("undefined").await;
    let first = panel.read_json(&list(0, 60_000, 0));
    let second = panel.read_json(&list(7, 3, 0));
    JsFuture::from(second).await.unwrap();
    JsFuture::from(first).await.unwrap();
    assert_eq!(panel.column("user"), ["u7", "u8", "u9"]);
}
