//! What a program without the standard library has to bring itself.

use core::panic::PanicInfo;

// Nothing in the agent allocates, so that this is left out of its wasm; but `alloc` asks for one.
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// A trap: JavaScript catches it and switches the agent off.
#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
