//! A made-up browser: localStorage that its tabs share, and tabs that write down what the agent does.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use crate::agent::host::{Host, Number, Text};
use crate::agent::identity::Identity;
use crate::agent::lifecycle::Agent;
use crate::report::PageReport;

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
    Tell(Identity),
}

/// One tab.
pub struct Tab {
    texts: RefCell<HashMap<u32, String>>,
    numbers: RefCell<HashMap<u32, u64>>,
    storage: LocalStorage,
    /// What was kept for the tab's next load.
    pub session_storage: RefCell<Option<String>>,
    random: Cell<u32>,
    pub did: RefCell<Vec<Did>>,
}

impl Tab {
    pub fn set(&self, what: Text, text: &str) {
        self.texts.borrow_mut().insert(what as u32, text.to_owned());
    }

    pub fn unset(&self, what: Text) {
        self.texts.borrow_mut().remove(&(what as u32));
    }

    pub fn count(&self, what: Number, number: u64) {
        self.numbers.borrow_mut().insert(what as u32, number);
    }

    fn write_down(&self, did: Did) {
        self.did.borrow_mut().push(did);
    }
}

impl Host for Rc<Tab> {
    fn text(&self, what: Text) -> Option<String> {
        self.texts.borrow().get(&(what as u32)).cloned()
    }
    fn number(&self, what: Number) -> u64 {
        self.numbers.borrow().get(&(what as u32)).copied().unwrap_or_default()
    }
    fn read(&self, name: &str) -> Option<String> {
        self.storage.borrow().as_ref()?.get(name).cloned()
    }
    fn write(&self, name: &str, value: &str) -> bool {
        let mut storage = self.storage.borrow_mut();
        storage.as_mut().map(|entries| entries.insert(name.into(), value.into())).is_some()
    }
    fn keep(&self, record: &str) {
        *self.session_storage.borrow_mut() = Some(record.to_owned());
    }
    fn random(&self) -> u32 {
        self.random.set(self.random.get().wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
        self.random.get()
    }
    fn ask(&self) {
        self.write_down(Did::Ask);
    }
    fn post(&self, report: &str, own: bool) {
        self.write_down(Did::Post { report: Box::new(read(report)), own });
    }
    fn beacon(&self, report: &str) {
        self.write_down(Did::Beacon(Box::new(read(report))));
    }
    fn settle(&self, problem: Option<&str>) {
        self.write_down(Did::Settle(problem.map(str::to_owned)));
    }
    fn say(&self, message: &str) {
        self.write_down(Did::Say(message.to_owned()));
    }
    fn zero(&self) {
        for what in [Number::SentWebSocket, Number::SentFetch, Number::RecentSent] {
            self.count(what, 0);
        }
        self.write_down(Did::Zero);
    }
    fn tell(&self, identity: &Identity) {
        self.write_down(Did::Tell(identity.clone()));
    }
}

/// Reads a report as the gateway does.
pub fn read(report: &str) -> PageReport {
    let report: PageReport = serde_json::from_str(report).unwrap();
    report.check().unwrap();
    report
}

/// A page with the agent in it, in a tab, with a clock of its own.
pub struct Page {
    pub tab: Rc<Tab>,
    pub agent: Agent<Rc<Tab>>,
    pub now: u64,
    wake: Option<u64>,
    away: bool,
    /// What the gateway answers at once; `None`: nothing ever.
    pub gateway: Option<u32>,
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
        random: Cell::new(random),
        did: RefCell::default(),
    });
    tab.set(Text::Gateway, "http://gateway/");
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
        let now = 1_000;
        let agent = Agent::new(Rc::clone(tab), now);
        let mut page = Self {
            tab: Rc::clone(tab),
            agent,
            now,
            wake: Some(0),
            away: false,
            gateway,
            tells: true,
        };
        page.run(0);
        page
    }

    /// Lets so much time pass, with all that falls due in it.
    pub fn run(&mut self, ms: u64) {
        let end = self.now + ms;
        while let Some(wake) = self.wake
            && self.now + wake <= end
        {
            self.now += wake;
            self.happen(|agent, now| agent.tick(now, false));
        }
        self.wake = self.wake.map(|wake| wake - (end - self.now));
        self.now = end;
    }

    /// Something happens, and what it asks of page and gateway is answered.
    pub fn happen(&mut self, event: impl FnOnce(&mut Agent<Rc<Tab>>, u64) -> Option<u64>) {
        let seen = self.tab.did.borrow().len();
        if let Some(record) = self.tab.session_storage.borrow_mut().take_if(|_| !self.away) {
            self.tab.set(Text::TabRecord, &record);
        }
        self.wake = event(&mut self.agent, self.now);
        self.tab.unset(Text::TabRecord);
        self.answer(seen);
    }

    fn answer(&mut self, seen: usize) {
        let did = self.tab.did.borrow()[seen..].to_vec();
        for did in did {
            match (did, self.gateway) {
                (Did::Ask, _) if self.tells => self.happen(Agent::told),
                (Did::Post { .. }, Some(status)) => {
                    self.happen(|agent, now| agent.answered(now, status, 0));
                }
                _ => {}
            }
        }
    }

    /// Closes the page, or puts it away.
    pub fn hide(&mut self) {
        self.happen(|agent, now| {
            agent.hide(now);
            None
        });
        self.away = true;
    }

    /// Shows the page again that was put away.
    pub fn show(&mut self) {
        self.away = false;
        self.happen(Agent::show);
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
