// What happens to the page, as the state machine is told it. Numbered as in src/agent/bindings.rs.

export const START = 0;
export const TICK = 1;
export const WANTED = 2;
export const TOLD = 3;
export const ANSWERED = 4;
export const HIDE = 5;
export const FREEZE = 6;
export const SHOW = 7;
