//! The patch helper: the page sees no difference.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::{call, js, modules};

/// An owner whose method `f` shows what it was called with, and its patch's handle, `seen` by the instrument.
async fn patched(before: &str, after: &str) -> JsValue {
    let owner = js(
        "const owner = { seen: [] };
         Object.defineProperty(owner, 'f', {
           enumerable: true, configurable: true, writable: false,
           value: Object.defineProperty(function f(a, b, c) { return [this, ...arguments]; }, 'length', { value: 7 }),
         });
         owner.original = owner.f;
         return owner;",
        &JsValue::NULL,
    );
    let before = Function::new_with_args("self, a, b", before);
    let after = Function::new_with_args("seen, self, result", after);
    let handle = patch(&owner, &before, &after).await;
    Reflect::set(&owner, &"handle".into(), &handle).unwrap();
    assert!(js("return x.f !== x.original", &owner).is_truthy());
    owner
}

/// Patches the owner's method `f`.
async fn patch(owner: &JsValue, before: &Function, after: &Function) -> JsValue {
    call(&modules().await, "patch", &[owner, &"f".into(), before, after])
}

fn holds(check: &str, owner: &JsValue) {
    assert!(js(check, owner).is_truthy(), "{check}");
}

#[wasm_bindgen_test]
async fn a_call_goes_through_with_its_arguments_this_and_result() {
    let owner = patched("self.seen.push(a, b)", "self.seen.push(result)").await;
    for arguments in ["", "undefined", "1", "1, undefined", "1, 2", "1, 2, 3, 4"] {
        holds(
            &format!(
                "const result = x.f({arguments});
                 return result[0] === x && JSON.stringify(result.slice(1)) === JSON.stringify([{arguments}]);"
            ),
            &owner,
        );
    }
    holds("return x.f.call(undefined)[0] === x.original.call(undefined)[0]", &owner);
    holds("return x.seen.length === 3 * 6", &owner);
}

#[wasm_bindgen_test]
async fn name_length_and_descriptor_are_those_of_the_original() {
    let owner = patched("", "").await;
    holds("return x.f.name === 'f' && x.f.length === 7", &owner);
    holds(
        "const { enumerable, configurable, writable } = Object.getOwnPropertyDescriptor(x, 'f');
         return enumerable && configurable && !writable;",
        &owner,
    );
    holds("return !('prototype' in x.f)", &owner);
    holds("try { new x.f() } catch (error) { return error instanceof TypeError }", &owner);
}

#[wasm_bindgen_test]
async fn an_exception_of_the_method_reaches_the_page_and_not_the_instrument() {
    let owner =
        js("const e = new Error(); return { e, seen: [], f() { throw e } }", &JsValue::NULL);
    let after = Function::new_with_args("seen, self", "self.seen.push('after')");
    patch(&owner, &Function::new_no_args(""), &after).await;
    holds("try { x.f() } catch (error) { return error === x.e && x.seen.length === 0 }", &owner);
}

#[wasm_bindgen_test]
async fn an_exception_of_the_instrument_reaches_nobody() {
    for (before, after) in [("throw new Error()", ""), ("", "throw new Error()")] {
        let owner = patched(before, after).await;
        holds("return x.f(1)[1] === 1", &owner);
    }
}

#[wasm_bindgen_test]
async fn a_stopped_patch_passes_calls_on_and_stays_under_what_others_have_put_on_top() {
    let owner = patched("self.seen.push(a)", "").await;
    holds(
        "const ours = x.f;
         Object.defineProperty(x, 'f', { value(...args) { return ours.apply(this, args).concat('theirs') } });
         x.f(1);
         x.handle.active = false;
         return x.f(2).at(-1) === 'theirs' && x.f(2)[1] === 2 && x.seen.length === 1;",
        &owner,
    );
    holds("x.handle.active = true; x.f(3); return x.seen.length === 2", &owner);
}

fn descriptor(owner: &JsValue) -> JsValue {
    js("return Object.getOwnPropertyDescriptor(x, 'f')", owner)
}

#[wasm_bindgen_test]
async fn what_can_not_be_patched_is_left_alone() {
    for owner in
        ["({})", "Object.freeze({ f() {} })", "({ get f() { throw new Error() } })", "({ f: 1 })"]
    {
        let owner = js(&format!("return {owner}"), &JsValue::NULL);
        let before = descriptor(&owner);
        patch(&owner, &Function::new_no_args(""), &Function::new_no_args("")).await;
        let after = descriptor(&owner);
        let same = js(
            "const keys = (x) => Object.keys(x ?? {});
             return [...keys(x[0]), ...keys(x[1])].every((key) => x[0][key] === x[1][key])",
            &Array::of2(&before, &after),
        );
        assert!(same.is_truthy());
    }
}
