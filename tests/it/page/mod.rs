//! The pages: what each kind holds, what every one must be, how large they are, and that nothing
//! typed or written becomes markup.

pub mod dom;
pub mod each;
mod ends;
mod hostile;
pub mod kinds;
pub mod person;
mod rows;
mod specimen;
mod style;
mod summary;
pub mod walk;
pub mod weight;
mod words;
