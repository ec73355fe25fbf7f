// Firefox's boundary has 50 to 53 characters, drawn anew for each request. (Others say "like Gecko".)
const GECKO = /Gecko\/\d/.test(globalThis.navigator?.userAgent);

// Between the parts of a form stands `--`, a boundary and a line break: `----WebKitFormBoundary` and 16 characters
// in Chromium and Safari.
const BOUNDARY = GECKO ? 53 : 38;

/**
 * The length of a text in UTF-8. Lone surrogates are sent as U+FFFD, three bytes.
 *
 * A loop, because TextEncoder writes the whole text a second time, only to be thrown away, and costs as
 * much at the lengths that are usual here.
 *
 * @param {string} text
 */
export function utf8Length(text) {
  let length = text.length;
  for (let i = length; i--; ) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) {
      length += unit > 0x7ff ? 2 : 1;
      // A pair of surrogates is four bytes, not twice three: its second half is counted for both.
      if (unit >> 10 === 0x37 && text.charCodeAt(i - 1) >> 10 === 0x36) i--;
    }
  }
  return length;
}

/**
 * How many bytes a request body is sent as; NaN where that can't be told without touching it.
 * Nothing is read, cloned or consumed.
 *
 * @param {unknown} body
 * @returns {number}
 */
export function bodyLength(body) {
  if (body == null) return 0;
  if (typeof body !== "object") return utf8Length(`${body}`);
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return body.byteLength;
  if (body instanceof Blob) return body.size;
  if (body instanceof URLSearchParams) return String(body).length;
  if (body instanceof FormData) return formLength(body);
  if (body instanceof Document) return utf8Length(serialised(body));
  return NaN;
}

/**
 * Whether the length of such a body is right to a few bytes only.
 * @param {unknown} body
 */
export const isInexact = (body) => GECKO && body instanceof FormData;

// HTML standard, "multipart/form-data encoding algorithm".
function formLength(form) {
  const lineBreaks = (text) => text.replace(/\r\n?|\n/g, "\r\n");
  const quoted = (text) => utf8Length(text.replace(/[\r\n"]/g, "%00"));
  let length = BOUNDARY + "----\r\n".length;
  for (const [name, value] of form) {
    length += BOUNDARY + '--\r\nContent-Disposition: form-data; name=""\r\n\r\n\r\n'.length;
    length += quoted(lineBreaks(name));
    if (typeof value === "string") {
      length += utf8Length(lineBreaks(value));
    } else {
      length += '; filename=""\r\nContent-Type: '.length + quoted(value.name);
      length += (value.type || "application/octet-stream").length + value.size;
    }
  }
  return length;
}

// XMLHttpRequest standard, `send`: an HTML document as HTML, any other as XML.
function serialised(body) {
  if (body.contentType !== "text/html") return new XMLSerializer().serializeToString(body);
  let text = "";
  for (const node of body.childNodes) {
    text += node.outerHTML ?? (node.name ? `<!DOCTYPE ${node.name}>` : `<!--${node.data}-->`);
  }
  return text;
}
