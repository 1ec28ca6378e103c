//! What comes and goes: screens, texts and options that are there under a condition.

mod actions;
mod options;
mod screens;
mod sections;
mod texts;
