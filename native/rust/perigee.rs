// perigee.rs - macros for plugins in Rust, over abi.rs; no crates.  rustc 1.63 and
// newer.
//
//   #[path = "/usr/share/perigee/rust/perigee.rs"]
//   #[macro_use]
//   mod perigee;
//
//   function! { "Smaller of two integers." fn min(a: i32, b: i32) -> i32 { a.min(b) } }
//   plugin! { "minmax", "1.0.0", "Ann", "MIT", "The smaller one.", [min::ITEM] }
//
//   rustc --edition 2021 -O --crate-type cdylib minmax.rs -o minmax.so
//
// Types have the names of the contract: i32, f64, ...; str is a peri_str, char a
// u32, list_T a List<T>, opt_T an Opt<T>, buf_T a Buf<T>.  A record is a struct
// with repr(C), made known by record!.  Stages, classes and aggregates are
// written against abi.rs: items by item(), hooks whose body is in guard().
// `perigee gen rust NAME` writes all of it for what another plugin declares.
#![allow(dead_code, unused_macros, non_camel_case_types)]

#[path = "abi.rs"]
pub mod abi;

pub use abi::*;
pub use std::os::raw::{c_char, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};

/// What only the host reads: raw pointers to what never changes.
#[repr(transparent)]
pub struct Shared<T>(pub T);
unsafe impl<T> Sync for Shared<T> {}

pub const fn chars<const N: usize>(text: &str) -> [c_char; N] {
    let bytes = text.as_bytes();
    assert!(bytes.len() < N, "the name or the version is too long");
    let mut out = [0; N];
    let mut i = 0;
    while i < bytes.len() {
        out[i] = bytes[i] as c_char;
        i += 1;
    }
    out
}

/// A C string from literals.
#[macro_export]
macro_rules! text {
    ($($part:expr),+) => { concat!($($part,)+ "\0").as_ptr() as *const $crate::perigee::c_char };
}

/// A function as the contract stores it.
#[macro_export]
macro_rules! any {
    ($f:expr) => {
        unsafe { ::std::mem::transmute::<*const (), $crate::perigee::peri_anyfn>($f as *const ()) }
    };
}

pub const fn item(kind: i32, flags: i32, decl: *const c_char) -> peri_item {
    peri_item {
        kind: kind as u16,
        hook: 0,
        flags: flags as u32,
        decl,
        fn_: None,
        call: None,
        map: None,
        params: std::ptr::null(),
        state: std::ptr::null(),
        reserved: std::ptr::null(),
    }
}

/// The hook `number` of the item that has the same `decl`.
pub const fn hook(number: i32, decl: *const c_char, f: peri_anyfn) -> peri_item {
    peri_item { hook: number as u16, fn_: f, ..item(PERI_K_HOOK, 0, decl) }
}

/// The layout of a struct whose fields, in `decl`, lie at `offsets`.
pub const fn layout<T>(decl: *const c_char, offsets: &'static [u32]) -> peri_layout {
    peri_layout {
        decl,
        bytes: std::mem::size_of::<T>() as u32,
        align: std::mem::align_of::<T>() as u32,
        n: offsets.len() as u32,
        reserved: 0,
        offsets: offsets.as_ptr(),
    }
}

/// Size and alignment of a field, for offsets().
pub const fn of<T>() -> (usize, usize) {
    (std::mem::size_of::<T>(), std::mem::align_of::<T>())
}

/// Where the fields of a repr(C) struct lie.
pub const fn offsets<const N: usize>(fields: [(usize, usize); N]) -> [u32; N] {
    let mut out = [0; N];
    let (mut at, mut i) = (0, 0);
    while i < N {
        at = (at + fields[i].1 - 1) / fields[i].1 * fields[i].1;
        out[i] = at as u32;
        at += fields[i].0;
        i += 1;
    }
    out
}

/// Of what has no state, or no parameters.
pub static NONE: Shared<peri_layout> = Shared(layout::<none>(text!("record none\n"), &[]));

// ------------------------------------------------------------------ services

pub unsafe fn services<'a>(cx: *mut peri_cx) -> &'a peri_services {
    &*(*cx).sv
}

/// Says why the call fails.
pub unsafe fn fail(cx: *mut peri_cx, status: peri_status, why: &str) -> peri_status {
    (services(cx).fail.unwrap())(cx, status, why.as_ptr() as *const c_char, why.len())
}

/// A copy that lives until the call returns.
pub unsafe fn text_for(cx: *mut peri_cx, text: &[u8]) -> peri_str {
    let room = (services(cx).arena.unwrap())(cx, text.len() + 1) as *mut u8;
    if room.is_null() {
        fail(cx, PERI_ENOMEM, "no memory for a text");
        return peri_str { ptr: b"".as_ptr() as *const c_char, len: 0 };
    }
    std::ptr::copy_nonoverlapping(text.as_ptr(), room, text.len());
    peri_str { ptr: room as *const c_char, len: text.len() }
}

/// Runs `body`; a panic becomes a failure, so that nothing unwinds into the host.
pub unsafe fn guard(cx: *mut peri_cx, body: impl FnOnce() -> peri_status) -> peri_status {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(status) => status,
        Err(panic) => {
            let said = panic.downcast_ref::<String>().map(|s| s.as_str());
            let said = said.or_else(|| panic.downcast_ref::<&str>().copied());
            fail(cx, PERI_EBUG, said.unwrap_or("panicked"))
        }
    }
}

impl peri_str {
    /// [borrow] as long as what it points to.
    pub unsafe fn bytes<'a>(&self) -> &'a [u8] {
        match self.len {
            0 => &[],
            len => std::slice::from_raw_parts(self.ptr as *const u8, len),
        }
    }
}

impl peri_col {
    pub unsafe fn is_valid(&self, row: i64) -> bool {
        let bit = self.bit0 + row;
        self.valid.is_null() || (*self.valid.offset((bit >> 3) as isize) >> (bit & 7)) & 1 == 1
    }

    /// The row of a str, bin or json column, whatever its layout.
    pub unsafe fn text(&self, row: i64) -> peri_str {
        let (column, row) = match self.layout as i32 {
            PERI_L_DICT => (
                &*(self.aux as *const peri_col),
                *(self.data as *const i32).offset(row as isize) as isize,
            ),
            _ => (self, row as isize),
        };
        match column.layout as i32 {
            PERI_L_SPAN => *(column.data as *const peri_str).offset(row),
            PERI_L_PLAIN => {
                let at = (column.aux as *const i32).offset(row);
                let start = (column.data as *const c_char).offset(*at as isize);
                peri_str { ptr: start, len: (*at.add(1) - *at) as usize }
            }
            _ => {
                let view = &*(column.data as *const peri_view).offset(row);
                let buffers = column.aux as *const *const c_char;
                let ptr = match view.len {
                    0..=12 => view.u.in_.as_ptr(),
                    _ => (*buffers.offset(view.u.ref_.buffer as isize))
                        .offset(view.u.ref_.offset as isize),
                };
                peri_str { ptr, len: view.len as usize }
            }
        }
    }
}

// ----------------------------------------------------------------- functions

/// A type of functions: in a slot.
pub trait Value: Copy {
    unsafe fn get(slot: &peri_slot) -> Self;
    unsafe fn set(self, slot: *mut peri_slot);
}

/// What columns hold: in a row of an argument, and of the results.
pub trait Cell: Copy {
    unsafe fn row(column: &peri_col, row: i64) -> Self;
    unsafe fn put(self, out: *mut c_void, valid: *mut u8, row: i64);
}

macro_rules! values {
    ($($type:ty: $field:ident),*) => { $(impl Value for $type {
        unsafe fn get(slot: &peri_slot) -> Self { slot.$field }
        unsafe fn set(self, slot: *mut peri_slot) { (*slot).$field = self }
    })* };
}
macro_rules! cells {
    ($($type:ty),*) => { $(impl Cell for $type {
        unsafe fn row(column: &peri_col, row: i64) -> Self {
            *(column.data as *const Self).offset(row as isize)
        }
        unsafe fn put(self, out: *mut c_void, _: *mut u8, row: i64) {
            *(out as *mut Self).offset(row as isize) = self
        }
    })* };
}
values! { i8: i8_, u8: u8_, i16: i16_, u16: u16_, i32: i32_, u32: u32_, i64: i64_, u64: u64_,
f32: f32_, f64: f64_, peri_str: str_ }
cells! { i8, u8, i16, u16, i32, u32, i64, u64, f32, f64 }

impl Value for bool {
    unsafe fn get(slot: &peri_slot) -> Self {
        slot.b != 0
    }
    unsafe fn set(self, slot: *mut peri_slot) {
        (*slot).b = self as u8
    }
}

impl Cell for bool {
    unsafe fn row(column: &peri_col, row: i64) -> Self {
        u8::row(column, row) != 0
    }
    unsafe fn put(self, out: *mut c_void, valid: *mut u8, row: i64) {
        (self as u8).put(out, valid, row)
    }
}

impl Cell for peri_str {
    unsafe fn row(column: &peri_col, row: i64) -> Self {
        column.text(row)
    }
    unsafe fn put(self, out: *mut c_void, _: *mut u8, row: i64) {
        *(out as *mut Self).offset(row as isize) = self
    }
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct List<T> {
    pub ptr: *const T,
    pub len: usize,
}

/// A buffer of Lua, to be read and written.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Buf<T> {
    pub ptr: *mut T,
    pub len: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Opt<T> {
    pub value: T,
    pub has: i32,
    pub reserved: i32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct peri_pair {
    pub key: peri_str,
    pub value: peri_str,
}

/// A case of a variant, or a state, that holds nothing.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct none {
    pub unused: u8,
}

macro_rules! composites {
    ($($type:ident),*) => { $(impl<T: Copy> Value for $type<T> {
        unsafe fn get(slot: &peri_slot) -> Self { *(slot.ptr as *const Self) }
        unsafe fn set(self, slot: *mut peri_slot) { *((*slot).ptr as *mut Self) = self }
    })* };
}
composites! { List, Buf, Opt }

impl<T: Cell> Cell for Opt<T> {
    unsafe fn row(column: &peri_col, row: i64) -> Self {
        Opt { value: T::row(column, row), has: column.is_valid(row) as i32, reserved: 0 }
    }
    unsafe fn put(self, out: *mut c_void, valid: *mut u8, row: i64) {
        *valid.offset(row as isize) = (self.has != 0) as u8;
        self.value.put(out, valid, row)
    }
}

/// Makes a repr(C) struct, a record or a variant, a type of functions.
#[macro_export]
macro_rules! record {
    ($type:ident) => {
        impl $crate::perigee::Value for $type {
            unsafe fn get(slot: &$crate::perigee::peri_slot) -> Self {
                *(slot.ptr as *const Self)
            }
            unsafe fn set(self, slot: *mut $crate::perigee::peri_slot) {
                *((*slot).ptr as *mut Self) = self
            }
        }
    };
}

/// The names of the contract, but for str and char, which Rust has itself.
pub type time = i64;
macro_rules! names {
    ($($list:ident $opt:ident $type:ty),*) => { $(
        pub type $list = List<$type>;
        pub type $opt = Opt<$type>;
    )* };
}
names! { list_bool opt_bool bool, list_i8 opt_i8 i8, list_u8 opt_u8 u8, list_i16 opt_i16 i16,
list_u16 opt_u16 u16, list_i32 opt_i32 i32, list_u32 opt_u32 u32, list_i64 opt_i64 i64,
list_u64 opt_u64 u64, list_f32 opt_f32 f32, list_f64 opt_f64 f64, list_time opt_time time,
list_str opt_str peri_str, list_char opt_char u32 }
pub type list_pair = List<peri_pair>;
macro_rules! buffers {
    ($($buf:ident $type:ty),*) => { $(pub type $buf = Buf<$type>;)* };
}
buffers! { buf_i8 i8, buf_u8 u8, buf_i16 i16, buf_u16 u16, buf_i32 i32, buf_u32 u32, buf_i64 i64,
buf_u64 u64, buf_f32 f32, buf_f64 f64 }

#[macro_export]
macro_rules! rust_type {
    (str) => { $crate::perigee::peri_str };
    (bin) => { $crate::perigee::peri_str };
    (json) => { $crate::perigee::peri_str };
    (char) => { u32 };
    ($type:ident) => { $type };
}

/// "(a: i32, b: i32)"
#[macro_export]
macro_rules! signature {
    () => { "()" };
    ($first:ident: $type:ident $(, $arg:ident: $more:ident)*) => {
        concat!("(", stringify!($first), ": ", stringify!($type),
            $(", ", stringify!($arg), ": ", stringify!($more),)* ")")
    };
}

/// A pure function, which also runs over whole columns.  The host may call it
/// by itself: it must not panic (it would end the process).  `fn max_2 as max`
/// is another name in Rust, for an overload.
#[macro_export]
macro_rules! function {
    ($doc:literal fn $name:ident($($arg:ident: $type:ident),*) -> $out:ident $body:block) => {
        function! { $doc fn $name as $name($($arg: $type),*) -> $out $body }
    };
    ($doc:literal fn $id:ident as $name:ident($($arg:ident: $type:ident),*) -> $out:ident
     $body:block) => {
        mod $id {
            #[allow(unused_imports)]
            use super::*;
            #[allow(unused_imports)]
            use $crate::perigee::*;

            #[inline]
            #[allow(improper_ctypes_definitions)]
            extern "C" fn plain($($arg: rust_type!($type)),*) -> rust_type!($out) $body

            unsafe extern "C" fn call(
                _: *mut peri_cx, args: *const peri_slot, result: *mut peri_slot,
            ) {
                let mut _at = args;
                $(let $arg = <rust_type!($type)>::get(&*_at); _at = _at.add(1);)*
                plain($($arg),*).set(result);
            }

            // What is null is not computed.
            unsafe extern "C" fn map(
                _: *mut peri_cx, n: i64, args: *const peri_col, out: *mut c_void, valid: *mut u8,
            ) {
                let mut _at = args;
                $(let $arg = &*_at; _at = _at.add(1);)*
                let one = |i: i64| plain($(<rust_type!($type)>::row($arg, i)),*).put(out, valid, i);
                if true $(&& $arg.valid.is_null())* {
                    (0..n).for_each(one);
                } else {
                    (0..n).filter(|&_i| true $(&& $arg.is_valid(_i))*).for_each(one);
                }
            }

            pub const ITEM: peri_item = peri_item {
                fn_: any!(plain),
                call: any!(call),
                map: any!(map),
                ..item(PERI_K_FUNCTION, PERI_PURE | PERI_PLAIN, text!("function ",
                    stringify!($name), signature!($($arg: $type),*), " -> ", stringify!($out),
                    "\n", $doc))
            };
        }
    };
}

/// A function that may fail, allocate and panic: gets `cx` first and gives a
/// Result, whose error is a String or a literal.
#[macro_export]
macro_rules! function_cx {
    ($doc:literal fn $name:ident($cx:ident $(, $arg:ident: $type:ident)*) -> $out:ident
     $body:block) => {
        function_cx! { $doc fn $name as $name($cx $(, $arg: $type)*) -> $out $body }
    };
    ($doc:literal fn $id:ident as $name:ident($cx:ident $(, $arg:ident: $type:ident)*) -> $out:ident
     $body:block) => {
        mod $id {
            #[allow(unused_imports)]
            use super::*;
            #[allow(unused_imports)]
            use $crate::perigee::*;

            unsafe fn body($cx: *mut peri_cx $(, $arg: rust_type!($type))*)
                -> Result<rust_type!($out), String> $body

            unsafe extern "C" fn call(
                cx: *mut peri_cx, args: *const peri_slot, result: *mut peri_slot,
            ) {
                guard(cx, || {
                    let mut _at = args;
                    $(let $arg = <rust_type!($type)>::get(&*_at); _at = _at.add(1);)*
                    match body(cx $(, $arg)*) {
                        Ok(value) => { value.set(result); PERI_OK }
                        Err(why) => fail(cx, PERI_EINVAL, &why),
                    }
                });
            }

            pub const ITEM: peri_item = peri_item {
                fn_: any!(call),
                call: any!(call),
                ..item(PERI_K_FUNCTION, 0, text!("function ", stringify!($name),
                    signature!($($arg: $type),*), " -> ", stringify!($out), "\n", $doc))
            };
        }
    };
}

/// The one object that a plugin exports, and the note that is read before.
#[macro_export]
macro_rules! plugin {
    ($name:literal, $version:literal, $author:literal, $license:literal, $about:literal,
     [$($item:expr),+ $(,)?]) => {
        const ITEM_COUNT: usize = [$(stringify!($item)),+].len();
        static ITEMS: $crate::perigee::Shared<[$crate::perigee::peri_item; ITEM_COUNT]> =
            $crate::perigee::Shared([$($item),+]);

        #[used]
        #[link_section = ".note.perigee"]
        static NOTE: $crate::perigee::peri_note =
            $crate::perigee::note($crate::perigee::chars($name), $crate::perigee::chars($version));

        #[no_mangle]
        #[allow(non_upper_case_globals)]
        pub static perigee_plugin_v1: $crate::perigee::Shared<$crate::perigee::peri_plugin> =
            $crate::perigee::Shared($crate::perigee::peri_plugin {
                abi_major: $crate::perigee::PERI_ABI_MAJOR as u32,
                target_minor: 0,
                name: text!($name),
                version: text!($version),
                author: text!($author),
                license: text!($license),
                about: text!($about),
                items: &ITEMS.0 as *const $crate::perigee::peri_item,
                items_end: unsafe {
                    (&ITEMS.0 as *const $crate::perigee::peri_item).add(ITEM_COUNT)
                },
            });
    };
}

pub const fn note(name: [c_char; 40], version: [c_char; 24]) -> peri_note {
    peri_note {
        namesz: 8,
        descsz: std::mem::size_of::<peri_note>() as u32 - 20,
        type_: PERI_NOTE_TYPE as u32,
        owner: chars("perigee"),
        abi_major: PERI_ABI_MAJOR as u16,
        target_minor: 0,
        ptr_size: std::mem::size_of::<usize>() as u8,
        big_endian: cfg!(target_endian = "big") as u8,
        size_long: std::mem::size_of::<std::os::raw::c_long>() as u8,
        size_wchar: 4,
        cpu: if cfg!(target_feature = "avx512f") {
            (PERI_CPU_AVX2 | PERI_CPU_AVX512) as u32
        } else if cfg!(target_feature = "avx2") {
            PERI_CPU_AVX2 as u32
        } else {
            0
        },
        n_fields: PERI_N_FIELDS as u32,
        name,
        version,
        fields: PERI_LAYOUT,
    }
}
