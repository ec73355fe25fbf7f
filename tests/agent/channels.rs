//! The channels, patched in this very page. What leaves it is caught by stand-ins beneath the patches, so that
//! nothing needs a server; what a server receives is compared by the end-to-end tests.

use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::{call, js, js_async, modules};

/// A counter, by its path in the traffic.
fn counted(modules: &JsValue, path: &str) -> f64 {
    js(&format!("return x.traffic().{path}"), modules).as_f64().unwrap()
}

/// Calls something between patching and stopping a channel, with a stand-in beneath the patch, and says by how
/// much the counter and `unmeasured` have grown.
async fn grows(counter: &str, patch: &str, calls: &str) -> (f64, f64) {
    let modules = modules().await;
    js("x.setOrigins(['http://counted.test'])", &modules);
    let before = (counted(&modules, counter), counted(&modules, "unmeasured"));
    let handles = call(&modules, patch, &[]);
    js_async(calls, &JsValue::NULL).await;
    js("for (const handle of [x].flat()) handle.active = false", &handles);
    (counted(&modules, counter) - before.0, counted(&modules, "unmeasured") - before.1)
}

/// Replaces `fetch` by one that fails on what a real one rejects, and sends nothing.
const FETCH: &str = "window.realFetch ??= window.fetch;
    window.fetch = async (input, init) => { new Request(input, init); };";

async fn fetch_grows(calls: &str) -> (f64, f64) {
    js(FETCH, &JsValue::NULL);
    let grown = grows("sent.fetch", "patchFetch", calls).await;
    js("window.fetch = window.realFetch", &JsValue::NULL);
    grown
}

#[wasm_bindgen_test]
async fn fetch_counts_the_body_that_goes() {
    let grown = fetch_grows(
        "const post = { method: 'POST', body: 'π' };
         await fetch('/a', post);
         await fetch(new URL('/b', location.href), post);
         await fetch(new Request('/c', { method: 'PUT', body: 'elsewhere' }), { body: 'xyz' });
         await fetch('http://counted.test/', { method: 'post', body: new Blob(['1234']) });",
    );
    assert_eq!(grown.await, (2.0 + 2.0 + 3.0 + 4.0, 0.0));
}

#[wasm_bindgen_test]
async fn fetch_counts_nothing_that_does_not_go() {
    let grown = fetch_grows(
        "const quietly = (...call) => fetch(...call).catch(() => {});
         await fetch('/a');
         await fetch('/a', { method: 'POST' });
         await fetch('/a', { method: 'POST', body: '' });
         await fetch(new Request('/a'));
         await quietly('/a', { body: 'a GET has no body' });
         await quietly('http://', { method: 'POST', body: 'no URL' });
         await quietly('/a', { method: 'POST', body: 'aborted', signal: AbortSignal.abort() });
         await fetch('http://elsewhere.test/', { method: 'POST', body: 'not counted' });",
    );
    assert_eq!(grown.await, (0.0, 0.0));
}

#[wasm_bindgen_test]
async fn fetch_counts_the_body_that_a_request_was_built_with() {
    let grown = fetch_grows(
        "const built = new Request('/a', { method: 'POST', body: 'π' });
         await fetch(built.clone());
         await fetch(new Request(built.clone().clone(), { headers: { a: 'b' } }));
         await fetch(new Request(built.clone(), { body: 'xyz' }));
         await fetch(new Request('/a', { method: 'POST' }));
         await fetch(new (class extends Request {})(built));
         await fetch(built).catch(() => {});",
    );
    assert_eq!(grown.await, (2.0 + 2.0 + 3.0 + 2.0, 0.0));
}

#[wasm_bindgen_test]
async fn a_patched_request_is_still_the_browsers_own() {
    let modules = modules().await;
    let before = js("return { Request, clone: Request.prototype.clone }", &JsValue::NULL);
    let handles = call(&modules, "patchFetch", &[]);
    for check in [
        "return Request.name === 'Request' && Request.length === 1 && String(Request).includes('[native code]')",
        "return Request.prototype === x.Request.prototype && Request.prototype.constructor === Request",
        "return new Request('/a') instanceof Request && new x.Request('/a') instanceof Request",
        "try { Request('/a') } catch (error) { return error instanceof TypeError }",
        "try { new Request() } catch (error) { return error instanceof TypeError }",
        "return Request.prototype.clone.length === 0 && new Request('/a').clone().url === location.origin + '/a'",
        "const Subclass = class extends Request { get mine() { return 1 } };
         const request = new Subclass('/a');
         return request instanceof Request && request.mine === 1 && request.constructor === Subclass",
    ] {
        assert!(js(check, &before).is_truthy(), "{check}");
    }
    js("for (const handle of x) handle.active = false", &handles);
}

#[wasm_bindgen_test]
async fn fetch_leaves_a_stream_and_a_request_built_before_or_elsewhere_alone() {
    js(
        "window.built = new Request('/a', { method: 'POST', body: 'built before' })",
        &JsValue::NULL,
    );
    let grown = fetch_grows(
        "await fetch(built.clone());
         const stream = () => ({ method: 'POST', duplex: 'half', body: new Blob(['x']).stream() });
         await fetch('/a', stream());
         await fetch(new Request('/a', stream()));
         const frame = document.body.appendChild(document.createElement('iframe'));
         await fetch(new frame.contentWindow.Request(location.href, { method: 'POST', body: 'built elsewhere' }));
         frame.remove();
         if (built.bodyUsed || await built.text() !== 'built before') throw new Error('touched');",
    );
    assert_eq!(grown.await, (0.0, 4.0));
}

#[wasm_bindgen_test]
async fn xhr_counts_what_send_has_taken() {
    let patched = grows(
        "sent.xhr",
        "patchXhr",
        "const send = (method, url, body, then = () => {}) => {
           const xhr = new XMLHttpRequest();
           xhr.open(method, url);
           xhr.send(body);
           xhr.abort();
         };
         send('POST', '/a', 'π');
         send('PUT', new URL('/b', location.href), new Uint8Array(3));
         send('POST', '/a');
         send('POST', '/a', null);
         send('GET', '/a', 'dropped');
         send('POST', 'http://elsewhere.test/', 'not counted');
         try { new XMLHttpRequest().send('never opened') } catch {}",
    );
    assert_eq!(patched.await, (5.0, 0.0));
}

#[wasm_bindgen_test]
async fn a_beacon_counts_when_the_browser_has_accepted_it() {
    js(
        "Navigator.prototype.realBeacon ??= Navigator.prototype.sendBeacon;
         Navigator.prototype.sendBeacon = (url) => !String(url).includes('full')",
        &JsValue::NULL,
    );
    let grown = grows(
        "sent.beacon",
        "patchBeacon",
        "navigator.sendBeacon('/a', 'π');
         navigator.sendBeacon('/a');
         navigator.sendBeacon('/full', 'refused');
         navigator.sendBeacon('http://elsewhere.test/', 'not counted');
         navigator.sendBeacon('/a', new Blob(['x']).stream());",
    )
    .await;
    js("Navigator.prototype.sendBeacon = Navigator.prototype.realBeacon", &JsValue::NULL);
    assert_eq!(grown, (2.0, 1.0));
}

#[wasm_bindgen_test]
async fn a_patched_web_socket_is_still_the_browsers_own() {
    let modules = modules().await;
    js("x.setOrigins([]); x.watchSockets(new AbortController().signal)", &modules);
    let before = js(
        "return { WebSocket, descriptor: Object.getOwnPropertyDescriptor(window, 'WebSocket') }",
        &JsValue::NULL,
    );
    let handles = call(&modules, "patchWebSocket", &[]);
    for check in [
        "return WebSocket.OPEN === 1 && WebSocket.name === 'WebSocket' && WebSocket.length === 1",
        "return WebSocket.prototype === x.WebSocket.prototype && WebSocket.prototype.constructor === WebSocket",
        "return String(WebSocket).includes('[native code]')",
        "const now = Object.getOwnPropertyDescriptor(window, 'WebSocket');
         return ['writable', 'enumerable', 'configurable'].every((key) => now[key] === x.descriptor[key])",
        "try { WebSocket('ws://localhost') } catch (error) { return error instanceof TypeError }",
        "try { new WebSocket('http://[') } catch (error) { return error instanceof DOMException }",
        "try { new WebSocket() } catch (error) { return error instanceof TypeError }",
        "const Subclass = class extends WebSocket { get mine() { return 1 } };
         const socket = new Subclass('ws://127.0.0.1:1/');
         socket.close();
         return socket instanceof Subclass && socket instanceof WebSocket && socket.mine === 1
           && socket.constructor === Subclass",
        "const socket = new WebSocket('ws://127.0.0.1:1/');
         try { socket.send('too early') } catch (error) { socket.close(); return error.name === 'InvalidStateError' }",
        "try { WebSocket.prototype.send.call({}, 'x') } catch (error) { return error instanceof TypeError }",
        "const socket = new WebSocket('ws://127.0.0.1:1/');
         try { socket.send() } catch (error) { socket.close(); return error instanceof TypeError }",
    ] {
        assert!(js(check, &before).is_truthy(), "{check}");
    }
    assert_eq!(counted(&modules, "sent.webSocket"), 0.0);
    js("for (const handle of x) handle.active = false", &handles);
}

#[wasm_bindgen_test]
async fn origins_are_compared_without_regard_to_sockets() {
    let modules = modules().await;
    js("x.setOrigins(['https://other.test:8443', 'ws://plant.test'])", &modules);
    let is = |url: &str| js(&format!("return x.isCounted({url})"), &modules).is_truthy();
    for counted in [
        "'/relative'",
        "'relative?x#y'",
        "location.href",
        "location.origin.replace('http', 'ws') + '/system/pws'",
        "'wss://other.test:8443/x'",
        "new URL('http://plant.test:80/')",
    ] {
        assert!(is(counted), "{counted}");
    }
    for other in [
        "'http://other.test:8443'",
        "'wss://plant.test/'",
        "'data:,x'",
        "URL.createObjectURL(new Blob())",
        "({})",
        "undefined",
    ] {
        assert!(!is(other), "{other}");
    }
}
