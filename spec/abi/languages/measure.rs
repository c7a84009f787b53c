// measure.rs - the plugin of script.lua in Rust.
#[path = "../../../native/rust/perigee.rs"]
#[macro_use]
mod perigee;
use perigee::*;

function! { "Smaller of two integers."
fn min(a: i32, b: i32) -> i32 { a.min(b) } }

function_cx! { "Square root; fails below zero."
fn root(_cx, x: f64) -> f64 {
    if x < 0.0 { Err("root of a negative number".into()) } else { Ok(x.sqrt()) }
} }

function_cx! { "In capitals."
fn shout(cx, text: str) -> str {
    Ok(text_for(cx, &text.bytes().to_ascii_uppercase()))
} }

// -------------------------------------------------------------------- a kernel

const REACH: *const c_char =
    text!("kernel reach(value: f64) -> () params reach_params state none\n",
        "Keeps rows that reach the limit.");

#[repr(C)]
struct ReachParams {
    limit: f64,
}
static REACH_PARAMS: Shared<peri_layout> = Shared(layout::<ReachParams>(
    text!("params reach_params\nlimit: f64 = 1\tKeeps rows at or above this.\t\n"),
    &[0],
));

unsafe extern "C" fn reach(
    cx: *mut peri_cx,
    params: *const ReachParams,
    _: *mut c_void,
    batch: *const peri_batch,
    out: *mut peri_out,
) -> peri_status {
    guard(cx, || {
        let column = &*(*batch).cols;
        let rows: Vec<u32> = (0..(*batch).n)
            .filter(|&i| column.is_valid(i) && f64::row(column, i) >= (*params).limit)
            .map(|i| i as u32)
            .collect();
        (services(cx).out_pick.unwrap())(out, rows.as_ptr(), rows.len() as i64)
    })
}

// ---------------------------------------------------------------- an aggregate

const SPREAD: *const c_char = text!(
    "aggregate spread(x: f64) -> f64 state spread_state\n",
    "Largest less smallest; null of nothing."
);

#[repr(C)]
struct Spread {
    low: f64,
    high: f64,
    count: i64,
}
static SPREAD_STATE: Shared<peri_layout> =
    Shared(layout::<Spread>(text!("record spread_state\n"), &[]));

impl Spread {
    fn add(&mut self, x: f64) {
        let first = self.count == 0;
        self.low = if first || x < self.low { x } else { self.low };
        self.high = if first || x > self.high { x } else { self.high };
        self.count += 1;
    }
}

unsafe extern "C" fn step(
    cx: *mut peri_cx,
    base: *mut Spread,
    group: *const u32,
    n: i64,
    args: *const peri_col,
) -> peri_status {
    guard(cx, || {
        for i in (0..n).filter(|&i| (*args).is_valid(i)) {
            let at = if group.is_null() { 0 } else { *group.offset(i as isize) };
            (*base.add(at as usize)).add(f64::row(&*args, i));
        }
        PERI_OK
    })
}

unsafe extern "C" fn join(_: *mut peri_cx, into: *mut Spread, from: *const Spread) -> peri_status {
    if (*from).count > 0 {
        (*into).add((*from).low);
        (*into).add((*from).high);
    }
    PERI_OK
}

unsafe extern "C" fn finish(
    _: *mut peri_cx,
    state: *const Spread,
    result: *mut peri_slot,
    valid: *mut u8,
) -> peri_status {
    ((*state).high - (*state).low).set(result);
    *valid = ((*state).count > 0) as u8;
    PERI_OK
}

// ------------------------------------------------------------------ the layout

// A struct that Rust lays out as it likes, to see that -Z randomize-layout does.
#[derive(Clone, Copy)]
struct Loose {
    a: u8,
    b: u32,
    c: u16,
    d: u64,
}
static LOOSE: Loose = Loose { a: 1, b: 2, c: 3, d: 4 };

function! { "Where the fields of a Rust struct lie: two digits for each."
fn rust_layout() -> i64 {
    let start = &LOOSE as *const Loose as i64;
    [&LOOSE.a as *const u8 as i64, &LOOSE.b as *const u32 as i64,
        &LOOSE.c as *const u16 as i64, &LOOSE.d as *const u64 as i64]
        .iter().fold(0, |sum, at| sum * 100 + (at - start))
} }

plugin! { "measure", "1.0.0", "perigee authors", "MIT", "The same in several languages.", [
    min::ITEM,
    root::ITEM,
    shout::ITEM,
    rust_layout::ITEM,
    peri_item {
        params: &REACH_PARAMS.0,
        state: &NONE.0,
        ..item(PERI_K_KERNEL, PERI_STATELESS, REACH)
    },
    hook(PERI_H_PROCESS, REACH, any!(reach)),
    peri_item { state: &SPREAD_STATE.0, ..item(PERI_K_AGGREGATE, 0, SPREAD) },
    hook(PERI_H_STEP, SPREAD, any!(step)),
    hook(PERI_H_JOIN, SPREAD, any!(join)),
    hook(PERI_H_FINAL, SPREAD, any!(finish)),
] }
