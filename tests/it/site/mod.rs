//! The site: what its files may say, what becomes of a mark, its pages, and its watching.

mod declared;
mod mark;
mod pages;
mod served;
mod tongues;
mod watch;
mod weight;
