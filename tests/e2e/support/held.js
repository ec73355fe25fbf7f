// What a page holds.

/**
 * The bytes that a page holds after garbage has been collected: in JavaScript's heap, in the browser's own (the
 * document's elements and their layout), in buffers, and in WebAssembly's memories.
 */
export async function held(session) {
  // Twice: what only a finalizer held goes with the second.
  await session.send("HeapProfiler.collectGarbage");
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize, embedderHeapUsedSize, backingStorageSize } = await session.send("Runtime.getHeapUsage");
  const objectGroup = "memories";
  const evaluate = async (expression) =>
    (await session.send("Runtime.evaluate", { expression, objectGroup })).result.objectId;
  const { objects } = await session.send("Runtime.queryObjects", {
    prototypeObjectId: await evaluate("WebAssembly.Memory.prototype"),
    objectGroup,
  });
  const { result } = await session.send("Runtime.callFunctionOn", {
    objectId: objects.objectId,
    functionDeclaration: "function () { return this.reduce((sum, memory) => sum + memory.buffer.byteLength, 0); }",
    returnByValue: true,
  });
  await session.send("Runtime.releaseObjectGroup", { objectGroup });
  return { heap: usedSize, document: embedderHeapUsedSize, buffers: backingStorageSize, wasm: result.value };
}
