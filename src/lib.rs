//! Afterword: the comment thread under any article, as one small server.
//!
//! Read `ARCHITECTURE.md` first. Each layer uses only those before it:
//! [`model`], [`config`], [`logging`], [`net`] · [`content`], [`store`] · [`app`] · [`service`] · [`jobs`], [`view`] · [`web`] · [`cli`].

#![forbid(unsafe_code)]

pub mod app;
pub mod cli;
pub mod config;
pub mod content;
pub mod jobs;
pub mod logging;
pub mod model;
pub mod net;
pub mod service;
pub mod store;
pub mod view;
pub mod web;
