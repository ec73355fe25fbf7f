//! Whatever a session says of itself is text, and stays text.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{Shown, js, turns};

/// Each of these has run somewhere. `ran()` would tell.
const INJECTIONS: [&str; 34] = [
    "<script>ran()</script>",
    "</td></tr></table><script>ran()</script>",
    "</style><script>ran()</script>",
    "</textarea><script>ran()</script>",
    "</title><img src=x onerror=ran()>",
    "<img src=x onerror=ran()>",
    "<img src=x onerror=\"ran()\" />",
    "\"><img src=x onerror=ran()>",
    "'><img src=x onerror=ran()>",
    "<svg onload=ran()>",
    "<svg><script>ran()</script></svg>",
    "<svg><animate onbegin=ran() attributeName=x dur=1s>",
    "<math><mtext><script>ran()</script></mtext></math>",
    "<iframe srcdoc=\"<script>parent.ran()</script>\"></iframe>",
    "<iframe src=javascript:parent.ran()></iframe>",
    "<object data=javascript:ran()></object>",
    "<embed src=javascript:ran()>",
    "<body onload=ran()>",
    "<details open ontoggle=ran()>x</details>",
    "<input autofocus onfocus=ran()>",
    "<video><source onerror=ran()></video>",
    "<audio src=x onerror=ran()>",
    "<marquee onstart=ran()>x</marquee>",
    "<a href=javascript:ran()>x</a>",
    "<form action=javascript:ran()><button>x</button></form>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content=0;url=javascript:ran()>",
    "<link rel=stylesheet href=data:text/css,*{display:none}>",
    "<style>*{display:none}</style>",
    "<template shadowrootmode=open><script>ran()</script></template>",
    "<slot onslotchange=ran()></slot>",
    "<!--<img src=--><img src=x onerror=ran()//>",
    "javascript:ran()",
    "${ran()} {{ran()}} #{ran()} <%= ran() %>",
];

const KEYS: [&str; 10] = [
    "userAgent",
    "id",
    "username",
    "project",
    "uptime",
    "clientAddress",
    "lastComm",
    "sessionScope",
    "activePages",
    "totalBytesSent",
];

/// All that the panel itself is made of.
const TAGS: &str = "div, p, section, h2, span, button, form, label, input, select, option, \
                    datalist, details, summary, svg, polyline, code";

#[wasm_bindgen_test]
async fn text_that_looks_like_markup_or_script_is_shown_as_text_and_nothing_runs() {
    js("globalThis.hasRun = 0, globalThis.ran = () => { globalThis.hasRun += 1; }");
    let sessions = Array::new();
    for text in INJECTIONS {
        let session = Object::new();
        for key in KEYS {
            Reflect::set(&session, &key.into(), &text.into()).unwrap();
        }
        // As a key, an item, and deep inside.
        Reflect::set(&session, &text.into(), &text.into()).unwrap();
        Reflect::set(&session, &"pageIds".into(), &Array::of2(&text.into(), &text.into())).unwrap();
        sessions.push(&session);
    }
    let panel = Shown::of(&sessions).await;
    panel.set_attribute("style", "block-size: 200rem").unwrap();
    while panel.column("user").len() < INJECTIONS.len() {
        turns().await;
    }
    for (line, text) in INJECTIONS.into_iter().enumerate() {
        panel.click(line);
        for class in ["user", "project", "scope", "device", "pages", "sent", "uptime", "last-comm"]
        {
            let shown = &panel.column(class)[line];
            assert!(text.starts_with(shown.trim_end_matches('…')), "{class}: {shown}");
        }
        let expected = KEYS.into_iter().chain([text, "pageIds", "0", "1"]).map(|name| {
            (name.to_owned(), if name == "pageIds" { "2 items" } else { text }.to_owned())
        });
        assert_eq!(panel.properties(), expected.collect::<Vec<_>>());
        assert_eq!(panel.all(&format!(":not({TAGS})")).len(), 0, "{text}");
    }
    for element in panel.all("*") {
        for name in element.get_attribute_names().iter().filter_map(|name| name.as_string()) {
            assert!(!name.starts_with("on") && name != "href" && name != "src", "{name}");
        }
    }
    assert_eq!(js("globalThis.hasRun"), JsValue::from(0));
}

#[wasm_bindgen_test]
async fn text_that_hides_or_turns_round_what_is_beside_it_is_made_visible() {
    let panel =
        Shown::new(r#"[{ username: "admin\u202etxt", project: "a\u0000\u200b\u001b[31m" }]"#).await;
    assert_eq!(panel.column("user"), ["admin⟨U+202E⟩txt"]);
    assert_eq!(panel.column("project"), ["a␀⟨U+200B⟩␛[31m"]);
    for cell in panel.all(".user .text, .project .text") {
        let style = web_sys::window().unwrap().get_computed_style(&cell).unwrap().unwrap();
        assert_eq!(style.get_property_value("unicode-bidi").unwrap(), "isolate");
    }
}

#[wasm_bindgen_test]
async fn an_error_message_from_outside_is_text_too() {
    let panel = Shown::new(r#"({ "<img src=x onerror=ran()>": 1 })"#).await;
    assert!(panel.text(".problem").contains("<img src=x onerror=ran()>"));
    assert_eq!(panel.all("img").len(), 0);
}
