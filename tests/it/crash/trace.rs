//! The trace of a process's changes to its files, and the directory as a power cut would have
//! left it.
//!
//! The model: what a sync covered is there. Of what came later, nothing need be, any part of it
//! may be, and a write may be torn. Names (made, renamed, removed) reach the disk in their order,
//! as a file system with a journal has it, and surely with an fsync; an fdatasync covers only the
//! bytes and the length of its own file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::dice::Dice;

/// The tracer, built once: `tests/tools/trace.c`.
pub fn tracer() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/tools/trace.c");
        let library = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("trace.so");
        let built = Command::new("cc")
            .args(["-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o"])
            .args([&library, &source])
            .args(["-ldl", "-lpthread"])
            .status();
        match built {
            Ok(status) if status.success() => library,
            other => panic!(
                "these tests need a C compiler, cc, to build {}: {other:?}",
                source.display()
            ),
        }
    })
}

/// Makes `command` leave a trace of what it does to the files in `dir`.
pub fn traced(command: &mut Command, dir: &Path, log: &Path) {
    command
        .env("LD_PRELOAD", tracer())
        .env("TRACE_DIR", dir)
        .env("TRACE_LOG", log);
}

/// One change or sync.
#[derive(Debug)]
struct Op {
    kind: u8,
    path: PathBuf,
    a: u64,
    b: u64,
    data: Vec<u8>,
    /// Where its record ends in the trace.
    end: u64,
}

/// A trace that was read.
pub struct Trace {
    dir: PathBuf,
    ops: Vec<Op>,
}

impl Trace {
    /// Reads the trace of `dir`; the last record may be cut short by a kill.
    pub fn read(dir: &Path, log: &Path) -> Self {
        let bytes = std::fs::read(log).expect("a trace");
        let mut rest = bytes.as_slice();
        let mut ops = Vec::new();
        while let Some(op) = op(&mut rest, bytes.len()) {
            ops.push(op);
        }
        let dir = dir.to_owned();
        Self { dir, ops }
    }

    /// Changes and syncs in it.
    pub fn len(&self) -> usize {
        self.ops.len()
    }

    /// Changes and syncs, the ends of syncs not counted.
    pub fn changes(&self) -> usize {
        self.ops.iter().filter(|op| op.kind != b'E').count()
    }

    /// How many of them came before this place in the record.
    pub fn up_to(&self, mark: u64) -> usize {
        self.ops.partition_point(|op| op.end <= mark)
    }

    /// The place in the record behind the first `cut` of them.
    pub fn mark(&self, cut: usize) -> u64 {
        cut.checked_sub(1).map_or(0, |last| self.ops[last].end)
    }

    /// Writes into `to` what a power cut after the first `cut` changes leaves.
    pub fn rebuild(&self, cut: usize, left: Left, dice: &mut Dice, to: &Path) {
        let mut disk = Disk::default();
        for op in &self.ops[..cut] {
            disk.take(op);
        }
        disk.cut(left, dice);
        for (path, file) in &disk.names {
            let inner = path.strip_prefix(&self.dir).expect("of the directory");
            let to = to.join(inner);
            match file {
                Some(file) => std::fs::write(to, &disk.files[*file].synced).expect("written"),
                None => std::fs::create_dir_all(to).expect("made"),
            }
        }
    }
}

/// What is left of the bytes that no sync covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// Nothing.
    Nothing,
    /// Each page of 4 KB, or not.
    Pages,
    /// Each write, or not, so that a later one is there and an earlier one is not.
    Writes,
    /// What came first, the last write torn.
    Torn,
}

/// A file: what a sync covered, and what came later.
#[derive(Default)]
struct File {
    synced: Vec<u8>,
    later: Vec<Change>,
    /// Of each sync that has begun, how much of `later` it covers.
    syncs: BTreeMap<u64, usize>,
}

enum Change {
    Write(u64, Vec<u8>),
    Truncate(u64),
}

/// A change of names.
enum Named {
    File(PathBuf, usize),
    Directory(PathBuf),
    Renamed(PathBuf, PathBuf),
    Removed(PathBuf),
}

#[derive(Default)]
struct Disk {
    files: Vec<File>,
    /// As the process sees them.
    seen: BTreeMap<PathBuf, usize>,
    /// As they are on the disk; a directory has no file.
    names: BTreeMap<PathBuf, Option<usize>>,
    /// Changes of names that no fsync has covered yet, in order.
    later: Vec<Named>,
    /// Of each fsync that has begun, how much of `later` it covers, counted from the start.
    syncs: BTreeMap<u64, usize>,
    /// Changes of names that were taken out of `later`.
    settled: usize,
}

impl Disk {
    fn take(&mut self, op: &Op) {
        let path = op.path.clone();
        let file = self.seen.get(&path).copied();
        match (op.kind, file) {
            (b'C', _) => {
                self.files.push(File::default());
                self.seen.insert(path.clone(), self.files.len() - 1);
                self.later.push(Named::File(path, self.files.len() - 1));
            }
            (b'D', _) => self.later.push(Named::Directory(path)),
            (b'R', _) => {
                let to = PathBuf::from(String::from_utf8_lossy(&op.data).into_owned());
                rename(&mut self.seen, &path, &to);
                self.later.push(Named::Renamed(path, to));
            }
            (b'U', _) => {
                self.seen.remove(&path);
                self.later.push(Named::Removed(path));
            }
            (b'W', Some(file)) => self.files[file].later.push(Change::Write(op.a, op.data.clone())),
            (b'T', Some(file)) => self.files[file].later.push(Change::Truncate(op.a)),
            (b'B', file) => {
                if let Some(file) = file {
                    let covers = self.files[file].later.len();
                    self.files[file].syncs.insert(op.a, covers);
                }
                if op.b == 1 {
                    self.syncs.insert(op.a, self.settled + self.later.len());
                }
            }
            (b'E', file) => self.synced(op.a, file),
            // What is not a file that was made here, such as a socket.
            _ => {}
        }
    }

    fn synced(&mut self, turn: u64, file: Option<usize>) {
        if let Some(file) = file {
            let file = &mut self.files[file];
            let covers = file.syncs.remove(&turn).unwrap_or(0);
            let changes: Vec<_> = file.later.drain(..covers).collect();
            for change in &changes {
                change.apply(&mut file.synced);
            }
            // The other syncs that are under way cover so much less of what is left.
            for other in file.syncs.values_mut() {
                *other = other.saturating_sub(covers);
            }
        }
        if let Some(covers) = self.syncs.remove(&turn) {
            self.settle(covers.saturating_sub(self.settled));
        }
    }

    /// The first `names` changes of names are on the disk.
    fn settle(&mut self, names: usize) {
        for change in self.later.drain(..names) {
            match change {
                Named::File(path, file) => drop(self.names.insert(path, Some(file))),
                Named::Directory(path) => drop(self.names.insert(path, None)),
                Named::Removed(path) => drop(self.names.remove(&path)),
                Named::Renamed(path, to) => rename(&mut self.names, &path, &to),
            }
        }
        self.settled += names;
    }

    /// The power goes.
    fn cut(&mut self, left: Left, dice: &mut Dice) {
        let names = match left {
            Left::Nothing => 0,
            _ => dice.below(self.later.len() + 1),
        };
        self.settle(names);
        for file in &mut self.files {
            let later = std::mem::take(&mut file.later);
            let whole = dice.below(later.len() + 1);
            for (n, change) in later.iter().enumerate() {
                let kept = match left {
                    Left::Nothing => false,
                    Left::Writes => dice.coin(),
                    Left::Torn => n < whole,
                    Left::Pages => match change {
                        Change::Write(at, data) => {
                            pages(*at, data, dice).for_each(|page| page.apply(&mut file.synced));
                            false
                        }
                        Change::Truncate(_) => dice.coin(),
                    },
                };
                if kept {
                    change.apply(&mut file.synced);
                } else if let (Left::Torn, Change::Write(at, data)) = (left, change) {
                    let sectors = dice.below(data.len() / 512 + 1);
                    Change::Write(*at, data[..sectors * 512].to_vec()).apply(&mut file.synced);
                    break;
                }
            }
        }
    }
}

/// A file changes its name, or a directory with all that is in it.
fn rename<T>(names: &mut BTreeMap<PathBuf, T>, from: &Path, to: &Path) {
    let moved: Vec<_> = names.extract_if(.., |path, _| path.starts_with(from)).collect();
    for (path, file) in moved {
        let inner = path.strip_prefix(from).expect("it starts so");
        let path = if inner.as_os_str().is_empty() {
            to.to_owned()
        } else {
            to.join(inner)
        };
        names.insert(path, file);
    }
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Truncate(size) => bytes.resize(*size as usize, 0),
            Self::Write(_, data) if data.is_empty() => {}
            Self::Write(at, data) => {
                let (at, end) = (*at as usize, *at as usize + data.len());
                if bytes.len() < end {
                    bytes.resize(end, 0);
                }
                bytes[at..end].copy_from_slice(data);
            }
        }
    }
}

/// The parts of a write that fall into different pages, each there or not.
fn pages<'a>(at: u64, data: &'a [u8], dice: &'a mut Dice) -> impl Iterator<Item = Change> + 'a {
    let mut start = 0;
    std::iter::from_fn(move || {
        let place = at + start as u64;
        let length = (4096 - place % 4096).min((data.len() - start) as u64) as usize;
        let page = &data[start..start + length];
        start += length;
        (length > 0).then_some((place, page))
    })
    .filter(|_| dice.coin())
    .map(|(place, page)| Change::Write(place, page.to_vec()))
}

fn op(rest: &mut &[u8], whole: usize) -> Option<Op> {
    let [kind] = *take::<1>(rest)?;
    let length = u16::from_ne_bytes(*take(rest)?);
    let path = rest.split_off(..usize::from(length))?;
    let a = u64::from_ne_bytes(*take(rest)?);
    let b = u64::from_ne_bytes(*take(rest)?);
    let bytes = u32::from_ne_bytes(*take(rest)?);
    let data = rest.split_off(..bytes as usize)?.to_vec();
    Some(Op {
        kind,
        path: PathBuf::from(String::from_utf8_lossy(path).into_owned()),
        a,
        b,
        data,
        end: (whole - rest.len()) as u64,
    })
}

fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (first, more) = rest.split_first_chunk::<N>()?;
    *rest = more;
    Some(first)
}
