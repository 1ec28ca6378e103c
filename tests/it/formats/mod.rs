//! What is written down and printed stays readable: golden files of every format, and the program
//! of the release before, whose sessions go on.

mod ids;
mod keys;
mod lists;
mod made;
mod made_lists;
mod paper;
mod release;
mod upgrade;
