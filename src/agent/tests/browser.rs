//! A made-up browser: localStorage that its tabs share, and tabs that write down what the agent does.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use crate::agent::host::{Act, Host, Number, Text};
use crate::agent::lifecycle::{Agent, Event, NEVER};
use crate::report::{FieldBounds, PageReport};

/// localStorage; `None` where the browser refuses it.
pub type LocalStorage = Rc<RefCell<Option<BTreeMap<String, String>>>>;

pub fn local_storage() -> LocalStorage {
    Rc::new(RefCell::new(Some(BTreeMap::new())))
}

/// What the agent did.
#[derive(Clone, Debug, PartialEq)]
pub enum Did {
    Ask,
    Post { report: Box<PageReport>, own: bool },
    Beacon(Box<PageReport>),
    Settle(Option<String>),
    Say(String),
    Zero,
}

/// One tab.
pub struct Tab {
    texts: RefCell<HashMap<Text, String>>,
    numbers: RefCell<HashMap<Number, u64>>,
    storage: LocalStorage,
    /// What was kept for the tab's next load.
    pub session_storage: RefCell<Option<String>>,
    /// What was kept for it should the page be discarded.
    pub kept_for_discard: RefCell<Option<String>>,
    random: Cell<u32>,
    pub did: RefCell<Vec<Did>>,
}

impl Tab {
    pub fn set(&self, what: Text, text: &str) {
        self.texts.borrow_mut().insert(what, text.to_owned());
    }

    pub fn unset(&self, what: Text) {
        self.texts.borrow_mut().remove(&what);
    }

    pub fn count(&self, what: Number, number: u64) {
        self.numbers.borrow_mut().insert(what, number);
    }

    fn write_down(&self, did: Did) {
        self.did.borrow_mut().push(did);
    }
}

impl Host for Rc<Tab> {
    fn text(&self, what: Text, into: &mut [u8]) -> usize {
        if what == Text::TabRecord {
            return write(&self.session_storage.take().unwrap_or_default(), into);
        }
        write(self.texts.borrow().get(&what).map_or("", String::as_str), into)
    }
    fn number(&self, what: Number) -> u64 {
        self.numbers.borrow().get(&what).copied().unwrap_or_default()
    }
    fn read(&self, project: &[u8], into: &mut [u8]) -> usize {
        let storage = self.storage.borrow();
        let stored = storage.as_ref().and_then(|entries| entries.get(text(project)));
        write(stored.map_or("", String::as_str), into)
    }
    fn write(&self, project: &[u8], value: &[u8]) -> bool {
        let mut storage = self.storage.borrow_mut();
        let (project, value) = (text(project).to_owned(), text(value).to_owned());
        storage.as_mut().map(|entries| entries.insert(project, value)).is_some()
    }
    fn random(&self) -> u32 {
        self.random.set(self.random.get().wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
        self.random.get()
    }
    fn act(&self, what: Act, bytes: &[u8]) {
        let text = text(bytes).to_owned();
        let report = || Box::new(read(&text));
        self.write_down(match what {
            Act::Ask => Did::Ask,
            Act::PostKept => Did::Post { report: report(), own: false },
            Act::PostOwn => Did::Post { report: report(), own: true },
            Act::Beacon => Did::Beacon(report()),
            Act::Keep => {
                *self.session_storage.borrow_mut() = Some(text);
                return;
            }
            Act::KeepForDiscard => {
                *self.kept_for_discard.borrow_mut() = Some(text);
                return;
            }
            Act::Settle => Did::Settle(None),
            Act::GiveUp => Did::Settle(Some(text)),
            Act::Say => Did::Say(text),
            Act::Zero => {
                for what in [Number::SentWebSocket, Number::SentFetch, Number::RecentSent] {
                    self.count(what, 0);
                }
                Did::Zero
            }
        });
    }
}

/// Writes as TextEncoder's `encodeInto` does.
fn write(text: &str, into: &mut [u8]) -> usize {
    let text = &text.as_bytes()[..text.floor_char_boundary(into.len())];
    into[..text.len()].copy_from_slice(text);
    text.len()
}

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap()
}

/// Reads a report as the gateway does.
pub fn read(report: &str) -> PageReport {
    let report: PageReport = serde_json::from_str(report).unwrap();
    report.check(&FieldBounds::DEFAULT).unwrap();
    report
}

/// A page with the agent in it, in a tab, with a clock of its own.
pub struct Page {
    pub tab: Rc<Tab>,
    agent: Box<Agent<Rc<Tab>>>,
    pub now: u64,
    wake: u64,
    /// What the gateway answers at once; `None`: nothing ever.
    pub gateway: Option<u32>,
    /// What its answers complain of, besides their status.
    pub problem: &'static str,
    /// Whether the page says at once which token it has.
    pub tells: bool,
}

/// A new tab, in the foreground, without anything that names the project.
pub fn tab(storage: &LocalStorage, random: u32) -> Rc<Tab> {
    let tab = Rc::new(Tab {
        texts: RefCell::default(),
        numbers: RefCell::default(),
        storage: Rc::clone(storage),
        session_storage: RefCell::default(),
        kept_for_discard: RefCell::default(),
        random: Cell::new(random),
        did: RefCell::default(),
    });
    tab.set(Text::UserAgent, "Mozilla/5.0");
    tab.set(Text::Path, "/");
    tab.count(Number::Visible, 1);
    tab
}

/// A page whose script tag names a project, in a new tab of a new browser.
pub fn page() -> Page {
    page_in(&local_storage(), 1)
}

/// A page whose script tag names a project, in a new tab of a browser.
pub fn page_in(storage: &LocalStorage, random: u32) -> Page {
    let tab = tab(storage, random);
    tab.set(Text::OptionProject, "MyProject");
    Page::load(&tab, Some(200))
}

impl Page {
    /// Loads a page in a tab, which is left to itself until the first wait is over.
    pub fn load(tab: &Rc<Tab>, gateway: Option<u32>) -> Self {
        let mut page = Self {
            tab: Rc::clone(tab),
            agent: Box::new(Agent::new(Rc::clone(tab))),
            now: 1_000,
            wake: NEVER,
            gateway,
            problem: "",
            tells: true,
        };
        page.happen(Event::Start);
        page
    }

    /// Lets so much time pass, with all that falls due in it.
    pub fn run(&mut self, ms: u64) {
        let end = self.now + ms;
        while self.wake <= end - self.now {
            self.now += self.wake;
            self.happen(Event::Tick);
        }
        if self.wake != NEVER {
            self.wake -= end - self.now;
        }
        self.now = end;
    }

    /// Something happens, and what it asks of page and gateway is answered.
    pub fn happen(&mut self, event: Event) {
        let seen = self.tab.did.borrow().len();
        self.wake = self.agent.on(event, self.now);
        let did = self.tab.did.borrow()[seen..].to_vec();
        for did in did {
            match (did, self.gateway) {
                (Did::Ask, _) if self.tells => self.happen(Event::Told),
                (Did::Post { .. }, Some(status)) => self.answer(status, 0),
                _ => {}
            }
        }
    }

    /// The gateway answers with an HTTP status, or not at all (0).
    pub fn answer(&mut self, status: u32, retry_after_ms: u64) {
        self.tab.count(Number::Status, u64::from(status));
        self.tab.count(Number::RetryAfter, retry_after_ms);
        let problem = match status {
            200..=299 => self.problem.to_owned(),
            _ => format!("the gateway http://gateway/ says {status} {}", self.problem),
        };
        self.tab.set(Text::Problem, &problem);
        self.happen(Event::Answered);
    }

    /// Closes the page, or puts it away.
    pub fn hide(&mut self) {
        self.happen(Event::Hide);
    }

    /// Shows the page again that was put away.
    pub fn show(&mut self) {
        self.happen(Event::Show);
    }

    pub fn storage(&self) -> &LocalStorage {
        &self.tab.storage
    }

    /// What was posted.
    pub fn posts(&self) -> Vec<PageReport> {
        self.pick(|did| match did {
            Did::Post { report, .. } => Some((**report).clone()),
            _ => None,
        })
    }

    /// The latest of what was posted.
    pub fn posted(&self) -> PageReport {
        self.posts().pop().unwrap()
    }

    /// What went by beacon.
    pub fn beacons(&self) -> Vec<PageReport> {
        self.pick(|did| match did {
            Did::Beacon(report) => Some((**report).clone()),
            _ => None,
        })
    }

    /// What was said on the console.
    pub fn said(&self) -> Vec<String> {
        self.pick(|did| match did {
            Did::Say(message) => Some(message.clone()),
            _ => None,
        })
    }

    /// How those who waited for a report came out.
    pub fn settled(&self) -> Vec<Option<String>> {
        self.pick(|did| match did {
            Did::Settle(problem) => Some(problem.clone()),
            _ => None,
        })
    }

    pub fn forget(&self) {
        self.tab.did.borrow_mut().clear();
    }

    fn pick<T>(&self, pick: impl Fn(&Did) -> Option<T>) -> Vec<T> {
        self.tab.did.borrow().iter().filter_map(pick).collect()
    }
}
