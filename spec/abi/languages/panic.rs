// panic.rs - functions in Rust that panic, and more of their types.
#[path = "../../../native/rust/perigee.rs"]
#[macro_use]
mod perigee;

function_cx! { "Of three numbers; panics behind them."
fn nth(_cx, index: i64) -> i64 {
    std::panic::set_hook(Box::new(|_| {})); // says nothing on stderr
    Ok([10, 11, 12].to_vec()[index as usize])
} }

function! { "Gives back what it gets." fn echo_u8(a: u8) -> u8 { a } }
function! { "Either." fn either(a: bool, b: bool) -> bool { a | b } }
function! { "The longer text."
fn longer(a: str, b: str) -> str { if b.len > a.len { b } else { a } } }

plugin! { "panic", "1.0.0", "perigee authors", "MIT", "Panics.",
    [nth::ITEM, echo_u8::ITEM, either::ITEM, longer::ITEM] }
