//! Answers as tables: one of a flow's sessions, and one of each of its lists, whose rows name the session and the
//! items that they lie in.
//!
//! Owns which tables and columns there are, and what stands in a cell. Must not know how a table is written down.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::answers::{FOR, called, fields, is_offer, made_for};
use super::keeping::Whole;
use super::sessions::{Walk, over};
use super::{Filter, Operator, Refused, Replies, Reply, Status, Summary};
use crate::flow::{Field, Flow, KEY, POSITION, Rows, Screen, Value, Values};
use crate::machine::{Path, Session};

/// What a session's own columns are called.
const SESSION: [&str; 5] = ["reference", "status", "outcome", "began", "over"];

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cell {
    /// What somebody typed or chose, or an outside system said.
    Text(String),
    /// What the program wrote: a number, a day, yes or no.
    Value(String),
}

/// The tables of all that is exported, by name.
#[derive(Debug, Default)]
struct Tables {
    /// The digests of the definitions that they have the columns of.
    known: BTreeSet<[u8; 16]>,
    columns: BTreeMap<String, Vec<String>>,
}

/// A table of one definition.
struct Table<'a> {
    name: String,
    /// Its own columns, then those of answers: what they are called here, and outside.
    own: Vec<String>,
    answers: Vec<(&'a str, String)>,
}

impl<'a> Table<'a> {
    /// The table of a flow's sessions, or of a list by its strand's number.
    fn of(flow: &'a Flow, list: Option<u16>) -> Self {
        let strand = |number: u16| flow.strand(number).map_or("", |strand| &strand.name);
        let mut own: Vec<String> = match list {
            None => SESSION.map(str::to_owned).to_vec(),
            Some(list) => {
                let around = flow.strand(list).and_then(|strand| flow.screen(strand.host));
                let outer = around.map(|page| flow.lists_around(page)).unwrap_or_default();
                let outer = outer.into_iter().rev().map(|list| flow.outward.name(strand(list)));
                std::iter::once("reference").chain(outer).map(str::to_owned).collect()
            }
        };
        if let Some(list) = list {
            own.extend([KEY, POSITION].map(str::to_owned));
            let each = flow.strand(list).and_then(|strand| strand.list()?.each.as_ref());
            own.extend(each.map(|_| FOR.to_owned()));
        }
        let here = |screen: &&Screen| flow.lists_around(screen).first().copied() == list;
        let mut answers: Vec<(&str, String)> = Vec::new();
        for screen in flow.screens.iter().filter(here) {
            let asked = screen.fields().filter(|field| !field.is_secret());
            let names = asked.map(|field| &field.name);
            for name in names.chain(called(flow, screen).map(|saved| &saved.name)) {
                let outward = flow.outward.name(name);
                let taken = own.iter().any(|own| own == outward);
                let column = format!("{}{outward}", if taken { "answers." } else { "" });
                if !answers.iter().any(|(known, _)| known == name) {
                    answers.push((name, column));
                }
            }
        }
        Self {
            name: list.map_or_else(|| flow.name.clone(), |list| format!("{}.{}", flow.name, strand(list))),
            own,
            answers,
        }
    }

    /// All tables of a flow, that of its sessions first.
    fn all(flow: &'a Flow) -> impl Iterator<Item = Self> {
        let numbered = (0..).zip(&flow.strands);
        let lists = numbered.filter_map(|(number, strand): (u16, _)| strand.list().map(|_| number));
        std::iter::once(None)
            .chain(lists.map(Some))
            .map(|list| Self::of(flow, list))
    }

    fn columns(&self) -> impl Iterator<Item = &String> {
        self.own.iter().chain(self.answers.iter().map(|(_, outward)| outward))
    }
}

impl Tables {
    /// Takes the columns of a definition up, behind those that are known.
    fn learn(&mut self, flow: &Flow) {
        if !self.known.insert(flow.digests.structure) {
            return;
        }
        for table in Table::all(flow) {
            let known = self.columns.entry(table.name.clone()).or_default();
            for column in table.columns() {
                if !known.contains(column) {
                    known.push(column.clone());
                }
            }
        }
    }

    /// A row of a table, its cells in the order of all its columns.
    fn row(&self, table: &Table<'_>, own: &[Option<Cell>], answers: impl Fn(&str) -> Option<Cell>) -> Reply {
        let answers = table.answers.iter().map(|(name, _)| answers(name));
        let mut cells: BTreeMap<&String, Cell> = table
            .columns()
            .zip(own.iter().cloned().chain(answers))
            .filter_map(|(column, cell)| Some((column, cell?)))
            .collect();
        let all = self.columns.get(&table.name).map_or(&[][..], Vec::as_slice);
        Reply::Row {
            table: table.name.clone(),
            cells: all.iter().map(|column| cells.remove(column)).collect(),
        }
    }
}

/// One session's rows.
struct Laid<'a> {
    all: &'a Tables,
    flow: &'a Flow,
    session: &'a Session,
    fields: BTreeMap<&'a str, &'a Field>,
    tables: Vec<Table<'a>>,
    reference: String,
    rows: Vec<Reply>,
}

impl Laid<'_> {
    fn cell(&self, values: &Values, name: &str) -> Option<Cell> {
        let value = values.get(name).filter(|value| !is_offer(value))?;
        let value = self.flow.outward.value(name, value);
        let exact = self.fields.get(name).map(|field| field.json(&value));
        let plain = exact.as_ref().and_then(|json| json.as_str()).map(str::to_owned);
        let plain = plain.unwrap_or_else(|| value.plain());
        Some(match value {
            Value::Text(_) | Value::List(_) => Cell::Text(plain),
            _ => Cell::Value(plain),
        })
    }

    /// The rows of all lists among these values, the items that they lie in named by their keys.
    fn items(&mut self, values: &Values, outer: &[u32]) {
        let lists: Vec<String> = self.flow.strands.iter().map(|strand| strand.name.clone()).collect();
        for list in lists {
            let rows: Option<Rows> = values.get(&list).and_then(Value::as_rows).cloned();
            for (at, row) in rows.iter().flat_map(Rows::iter).enumerate() {
                let name = format!("{}.{list}", self.flow.name);
                let keys: Vec<u32> = outer.iter().copied().chain([row.key]).collect();
                let numbers = keys.iter().map(u32::to_string).chain([(at + 1).to_string()]);
                let mut own: Vec<_> = std::iter::once(Cell::Value(self.reference.clone()))
                    .chain(numbers.map(Cell::Value))
                    .map(Some)
                    .collect();
                let of = made_for(self.session, row.key);
                own.extend(of.map(|of| Some(Cell::Value(of.to_string()))));
                if let Some(table) = self.tables.iter().find(|table| table.name == name) {
                    own.resize(table.own.len(), None);
                    let cell = |name: &str| self.cell(&row.values, name);
                    self.rows.push(self.all.row(table, &own, cell));
                }
                self.items(&row.values, &keys);
            }
        }
    }
}

impl Operator {
    /// The answers of each finished session that fits, as rows of tables. The tables come first; what ends under a
    /// definition that was not met before that is left out, and such a flow is not noted.
    pub(super) async fn tables(&self, filter: &Filter, replies: &Replies) -> Result<u64, Refused> {
        let finished = Filter {
            status: filter.status.or(Some(Status::Ended)),
            ..filter.clone()
        };
        let mut whole = Whole::from(self.engine.now().div_euclid(1000));
        let mut all = Tables::default();
        let mut walk = Walk::quiet(self, &finished, replies);
        while let Some((session, _)) = walk.next().await? {
            if let Ok(flow) = self.engine.pinned(&session).await {
                all.learn(&flow);
            }
            walk.pass();
        }
        for (table, columns) in &all.columns {
            let (table, columns) = (table.clone(), columns.clone());
            // Who does not listen is met below.
            let _gone = replies.send(Reply::Table { table, columns }).await;
        }
        let mut walk = Walk::new(self, &finished, replies);
        while let Some((session, summary)) = walk.next().await? {
            let flow = match self.engine.pinned(&session).await {
                Ok(flow) if all.known.contains(&flow.digests.structure) => flow,
                Ok(_) => {
                    whole.misses(&session.flow);
                    continue;
                }
                Err(why) => {
                    whole.misses(&session.flow);
                    walk.damaged(format!("session {}: {why}", session.at), 1).await;
                    continue;
                }
            };
            whole.has(&flow);
            let path = Path::fold(&flow, &session, over(&session));
            for (n, row) in rows(&all, (&flow, &session), &path, &summary).into_iter().enumerate() {
                if n == 0 {
                    walk.tell(row).await;
                } else {
                    walk.send(row).await;
                }
            }
        }
        if !walk.unheard {
            whole.note(self, filter).await?;
        }
        Ok(walk.rows)
    }
}

/// A session's rows: its own, then those of its lists.
fn rows(all: &Tables, (flow, session): (&Flow, &Session), path: &Path, summary: &Summary) -> Vec<Reply> {
    let mut laid = Laid {
        all,
        flow,
        session,
        fields: fields(flow),
        tables: Table::all(flow).collect(),
        reference: summary.reference.clone(),
        rows: Vec::new(),
    };
    let status = serde_json::to_value(summary.status).ok();
    let status = status.as_ref().and_then(|status| status.as_str()).unwrap_or_default();
    let own = [
        Some(Cell::Value(summary.reference.clone())),
        Some(Cell::Value(status.to_owned())),
        summary.outcome.clone().map(Cell::Value),
        Some(Cell::Value(summary.began.clone())),
        summary.over.clone().map(Cell::Value),
    ];
    if let Some(table) = laid.tables.first() {
        let cell = |name: &str| laid.cell(&path.values, name);
        let row = all.row(table, &own, cell);
        laid.rows.push(row);
    }
    laid.items(&path.values, &[]);
    laid.rows
}
