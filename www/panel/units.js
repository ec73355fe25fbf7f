// Durations, sizes and times as people say them.

import { LOCALE, WORDS } from "./words.js";

const tenths = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const times = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "medium" });

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Milliseconds in their two largest units: "350 ms", "12 s", "4 min 12 s", "3 h 5 min", "2 d 4 h". */
export function duration(ms) {
  const { units } = WORDS;
  const two = (large, name, small, smallName) => {
    const rest = Math.floor((ms % large) / small);
    const whole = `${Math.floor(ms / large)} ${name}`;
    return rest === 0 ? whole : `${whole} ${rest} ${smallName}`;
  };
  if (ms < SECOND) return `${Math.floor(ms)} ${units.millisecond}`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} ${units.second}`;
  if (ms < HOUR) return two(MINUTE, units.minute, SECOND, units.second);
  if (ms < DAY) return two(HOUR, units.hour, MINUTE, units.minute);
  return two(DAY, units.day, HOUR, units.hour);
}

/** Bytes in the unit that fits, rounded down: "512 B", "1.5 KiB" (1 KiB is 1024 bytes). */
export function size(bytes) {
  const names = WORDS.units.bytes;
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < names.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? Math.floor(value) : tenths.format(Math.floor(value * 10) / 10)} ${names[unit]}`;
}

/** Bytes a second. */
export const rate = (bytes) => WORDS.perSecond(size(bytes));

/** A time in milliseconds since 1970. */
export const time = (ms) => times.format(ms);

/** The smallest number that is taken for a time since 1970 where milliseconds are expected; as in intake.rs. */
const EPOCH_FROM = 100_000_000_000;

/** How long ago something was: milliseconds, or the time when it was. Versions of Ignition differ in that. */
export const age = (value, now) => (value > EPOCH_FROM ? Math.max(0, now - value) : value);
