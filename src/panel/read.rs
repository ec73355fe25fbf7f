//! Reads what JavaScript gives: any value at all, into a [`Value`] of bounded size.
//!
//! By reflection and not by serde-wasm-bindgen, which lets what a getter or a proxy throws unwind
//! through the WebAssembly stack, reads everything before it can be cut, and follows a cycle until the
//! stack is full.

use js_sys::{Array, JsString, Map, Promise, Reflect};
use wasm_bindgen::prelude::*;

use super::error::RequestError;
use super::value::Value;

#[wasm_bindgen]
extern "C" {
    // js_sys has these too, but without `catch`: a proxy can make each of them throw.
    #[wasm_bindgen(catch, js_namespace = Array, js_name = isArray)]
    fn is_array(value: &JsValue) -> Result<bool, JsValue>;
    #[wasm_bindgen(catch, js_namespace = Object, js_name = keys)]
    fn object_keys(value: &JsValue) -> Result<Array, JsValue>;
    #[wasm_bindgen(catch, js_name = Number)]
    fn to_number(value: &JsValue) -> Result<f64, JsValue>;
    #[wasm_bindgen(catch, js_name = String)]
    fn to_text(value: &JsValue) -> Result<JsString, JsValue>;
}

/// How much of a value is read.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Levels of lists and objects that are entered.
    depth: u32,
    /// Items of one list, entries of one object.
    width: usize,
    /// Values in all.
    values: usize,
}

impl Limits {
    /// For a session's line in the list: its own keys, and of what is below them the size.
    pub const ROW: Self = Self { depth: 1, width: 64, values: 64 };
    /// For the properties of one session.
    pub const PROPERTIES: Self = Self { depth: 12, width: 200, values: 2_000 };
}

/// The longest text that is read, in UTF-16 units.
const MAX_TEXT: u32 = 1_000;

/// The most sessions that are listed.
const MAX_SESSIONS: u32 = 1_000;

/// Reads a value within limits. Never throws, whatever the value does.
#[must_use]
pub fn read(value: &JsValue, limits: Limits) -> Value {
    Reader { left: limits.values, width: limits.width }.value(value, limits.depth)
}

struct Reader {
    left: usize,
    width: usize,
}

impl Reader {
    fn value(&mut self, value: &JsValue, depth: u32) -> Value {
        if value.is_undefined() {
            Value::Undefined
        } else if value.is_null() {
            Value::Null
        } else if let Some(value) = value.as_bool() {
            Value::Boolean(value)
        } else if value.is_string() {
            let (text, omitted) = cut(value.unchecked_ref());
            Value::Text { text, omitted }
        } else if value.as_f64().is_some() || value.is_bigint() {
            number(value)
        } else if value.is_function() {
            Value::Other("a function".into())
        } else if value.is_symbol() {
            Value::Other("a symbol".into())
        } else {
            self.branch(value, depth).unwrap_or_else(|error| unreadable(&error))
        }
    }

    fn branch(&mut self, value: &JsValue, depth: u32) -> Result<Value, JsValue> {
        if value.is_instance_of::<Promise>() {
            return Ok(Value::Other("a Promise, which has to be awaited first".into()));
        }
        if is_array(value)? {
            let length = length(value)?;
            let mut items = Vec::new();
            for i in self.taken(length, depth) {
                items.push(self.property(value, &JsValue::from(i), depth));
            }
            let omitted = length as usize - items.len();
            return Ok(Value::List { items, omitted });
        }
        let mut entries = Vec::new();
        let length;
        if let Some(map) = value.dyn_ref::<Map>() {
            let pairs = Array::from_iterable(map)?;
            length = pairs.length();
            for i in self.taken(length, depth) {
                let pair = pairs.get(i);
                let key = Reflect::get_u32(&pair, 0)?;
                entries.push((self.key(&key), self.property(&pair, &JsValue::from(1), depth)));
            }
        } else {
            let keys = object_keys(value)?;
            length = keys.length();
            for i in self.taken(length, depth) {
                let key = keys.get(i);
                entries.push((self.key(&key), self.property(value, &key, depth)));
            }
        }
        let omitted = length as usize - entries.len();
        Ok(Value::Object { entries, omitted })
    }

    /// Which of so many children are read.
    fn taken(&mut self, length: u32, depth: u32) -> std::ops::Range<u32> {
        if depth == 0 {
            return 0..0;
        }
        let count = self.width.min(self.left).min(length as usize);
        self.left -= count;
        // Not above `length`, which is a u32.
        0..u32::try_from(count).unwrap_or(length)
    }

    fn property(&mut self, of: &JsValue, key: &JsValue, depth: u32) -> Value {
        match Reflect::get(of, key) {
            Ok(value) => self.value(&value, depth.saturating_sub(1)),
            Err(error) => unreadable(&error),
        }
    }

    /// A key as text: that of a Map can be anything.
    fn key(&mut self, key: &JsValue) -> String {
        self.value(key, 0).summary()
    }
}

/// The length of an array, 0 … 2^32−1. That of a proxy can be anything.
fn length(array: &JsValue) -> Result<u32, JsValue> {
    let length = Reflect::get(array, &"length".into())?.as_f64().unwrap_or(0.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    Ok(length as u32)
}

fn number(value: &JsValue) -> Value {
    let text = to_text(value).map(|text| cut(&text).0).unwrap_or_default();
    if value.is_bigint() {
        Value::Number { value: to_number(value).unwrap_or(f64::NAN), text: text + "n" }
    } else {
        Value::Number { value: value.as_f64().unwrap_or(f64::NAN), text }
    }
}

/// The start of a text, and how many UTF-16 units follow it.
fn cut(text: &JsString) -> (String, usize) {
    let length = text.length();
    if length <= MAX_TEXT {
        return (text.into(), 0);
    }
    // A surrogate pair is not cut in two.
    let high_surrogates = f64::from(0xd800)..f64::from(0xdc00);
    let high_surrogate = high_surrogates.contains(&text.char_code_at(MAX_TEXT - 1));
    let end = if high_surrogate { MAX_TEXT - 1 } else { MAX_TEXT };
    (text.slice(0, end).into(), (length - end) as usize)
}

fn unreadable(error: &JsValue) -> Value {
    let reason = match error.dyn_ref::<js_sys::Error>() {
        Some(_) => Reflect::get(error, &"message".into()).ok(),
        None => Some(error.clone()),
    };
    let reason = reason.filter(JsValue::is_string).map(|text| cut(text.unchecked_ref()).0);
    Value::Other(match reason {
        Some(reason) => format!("not readable: {reason}"),
        None => "not readable".into(),
    })
}

/// The sessions of a result of getSessionInfo: the start of the list, and how many sessions follow it.
/// Ignition's REST list has them under `items`.
///
/// # Errors
/// In words, where the result is no list.
pub fn sessions(result: &JsValue) -> Result<(Vec<JsValue>, usize), String> {
    let list = list(result)?;
    let length = length(&list).unwrap_or(0);
    let shown = length.min(MAX_SESSIONS);
    // One session that throws does not hide the others.
    let sessions = (0..shown)
        .map(|i| {
            Reflect::get_u32(&list, i).unwrap_or_else(|_| "a session that can not be read".into())
        })
        .collect();
    Ok((sessions, (length - shown) as usize))
}

fn list(result: &JsValue) -> Result<JsValue, String> {
    let readable = is_array(result).map_err(|error| unreadable(&error).summary())?;
    if readable {
        return Ok(result.clone());
    }
    if result.is_object() {
        let items = Reflect::get(result, &"items".into()).unwrap_or(JsValue::UNDEFINED);
        if is_array(&items).unwrap_or(false) {
            return Ok(items);
        }
    }
    Err(read(result, Limits::ROW).describe())
}

/// An argument that is text, or left out.
///
/// # Errors
/// An [`RequestError::Argument`] with this name.
pub fn optional_text(name: &'static str, value: &JsValue) -> Result<String, RequestError> {
    if value.is_undefined() || value.is_null() {
        return Ok(String::new());
    }
    value.as_string().ok_or_else(|| wrong(name, "text", value))
}

/// An argument that is true, false, or left out.
///
/// # Errors
/// An [`RequestError::Argument`] with this name.
pub fn optional_boolean(name: &'static str, value: &JsValue) -> Result<bool, RequestError> {
    if value.is_undefined() || value.is_null() {
        return Ok(false);
    }
    value.as_bool().ok_or_else(|| wrong(name, "true or false", value))
}

/// The error of an argument that is not what it has to be.
#[must_use]
pub fn wrong(name: &'static str, expected: &'static str, given: &JsValue) -> RequestError {
    RequestError::Argument { name, expected, given: read(given, Limits::ROW).describe() }
}
