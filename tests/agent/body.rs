//! The length of a body, beside what the browser really serialises.

use js_sys::{Array, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::{call, js, js_async, modules};

/// Compares the length with that of what a Response makes of the same body, for each body of an expression.
async fn agrees_with_the_browser(bodies: &str) {
    let modules = modules().await;
    for body in Array::from(&js(&format!("return [{bodies}]"), &JsValue::NULL)) {
        let length = call(&modules, "bodyLength", &[&body]);
        let sent = js_async("return (await new Response(x).arrayBuffer()).byteLength", &body).await;
        assert_eq!(length, sent, "{body:?}");
        // Measuring has consumed nothing.
        let used = js("return x?.locked ?? false", &body);
        assert_eq!(used, JsValue::FALSE);
    }
}

#[wasm_bindgen_test]
async fn a_text_is_measured_as_utf8() {
    agrees_with_the_browser(
        r#""", "plain", "\0\x7f\x80\u07ff\u0800\uffff", "π é 漢", "😀😀", "\ud800", "\udc00", "a\ud83d",
           "\ude00\ud83d", "\ud83d\ud83d\ude00\ude00", "x".repeat(70000), "π😀".repeat(30000)"#,
    )
    .await;
}

#[wasm_bindgen_test]
async fn every_pair_of_code_units_is_measured_as_the_text_encoder_writes_it() {
    let pairs = js(
        r#"const units = [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000, 0xffff];
           return units.flatMap((a) => units.map((b) => {
             const text = String.fromCharCode(a, b);
             return [text, new TextEncoder().encode(text).length];
           }));"#,
        &JsValue::NULL,
    );
    let modules = modules().await;
    for pair in Array::from(&pairs) {
        let [text, length] = [0, 1].map(|at| Reflect::get_u32(&pair, at).unwrap());
        assert_eq!(call(&modules, "utf8Length", &[&text]), length, "{text:?}");
    }
}

#[wasm_bindgen_test]
async fn bytes_are_measured_by_what_the_view_shows() {
    agrees_with_the_browser(
        "new ArrayBuffer(10), new Uint8Array(10).subarray(3, 7), new DataView(new ArrayBuffer(9), 2, 5),
         new Float64Array(3), new ArrayBuffer(0)",
    )
    .await;
}

#[wasm_bindgen_test]
async fn blobs_files_and_url_parameters_are_measured() {
    agrees_with_the_browser(
        r#"new Blob(["é", new Uint8Array(3)]), new File(["abc"], "π.txt"), new Blob([]),
           new URLSearchParams(), new URLSearchParams({ a: "π b&c=\n", "": "+" })"#,
    )
    .await;
}

#[wasm_bindgen_test]
async fn a_form_is_measured_with_its_boundaries_names_and_files() {
    let forms = js(
        r#"const form = (...entries) => {
             const made = new FormData();
             for (const entry of entries) made.append(...entry);
             return made;
           };
           return [
             form(),
             form(["a", "b"]),
             form(["", ""]),
             form(["π\"\r\n", "line\rline\nline\r\nline\r"]),
             form(["a\rb\nc\r\nd", "\ud800"], ["a", "again"]),
             form(["file", new File(["abc"], "π \"quoted\"\r\n.txt", { type: "text/plain;charset=utf-8" })]),
             form(["blob", new Blob([new Uint8Array(1000)])], ["named", new Blob(["x"]), "n\nm"]),
           ];"#,
        &JsValue::NULL,
    );
    let modules = modules().await;
    for form in Array::from(&forms) {
        let sent = js_async("return (await new Response(x).arrayBuffer()).byteLength", &form).await;
        let length = call(&modules, "bodyLength", &[&form]);
        if call(&modules, "isInexact", &[&form]).is_falsy() {
            assert_eq!(length, sent);
        } else {
            // Firefox draws a boundary of 50 to 53 characters for each request.
            let parts = js("return 1 + [...x].length", &form).as_f64().unwrap();
            let over = length.as_f64().unwrap() - sent.as_f64().unwrap();
            assert!((0.0..=3.0 * parts).contains(&over), "{over}");
        }
    }
}

#[wasm_bindgen_test]
async fn a_document_is_measured_as_it_would_be_serialised() {
    let modules = modules().await;
    for (document, text) in [
        (
            r#"new DOMParser().parseFromString("<!doctype html><!--π--><p title='\"'>&amp;<br>é", "text/html")"#,
            r#"<!DOCTYPE html><!--π--><html><head></head><body><p title="&quot;">&amp;<br>é</p></body></html>"#,
        ),
        (r#"new DOMParser().parseFromString("<a>é<b></b></a>", "text/xml")"#, "<a>é<b/></a>"),
    ] {
        let document = js(&format!("return {document}"), &JsValue::NULL);
        assert_eq!(call(&modules, "bodyLength", &[&document]), text.len());
    }
}

#[wasm_bindgen_test]
async fn what_can_not_be_measured_is_no_number_and_nothing_is_nothing() {
    let modules = modules().await;
    let is = |body: &str| {
        let body = js(&format!("return {body}"), &JsValue::NULL);
        call(&modules, "bodyLength", &[&body]).as_f64().unwrap()
    };
    assert!(is("new ReadableStream()").is_nan());
    assert!(is("({ toString() { throw new Error('called') } })").is_nan());
    assert_eq!([is("null"), is("undefined"), is("12.5"), is("true")], [0.0, 0.0, 4.0, 4.0]);
}
