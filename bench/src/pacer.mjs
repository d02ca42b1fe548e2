/**
 * A thread that says when a message is due. A timer of the event loop is late by up to two milliseconds, which is more
 * than what is measured; a blocked thread wakes within some fifty microseconds.
 */
import { parentPort, workerData } from 'node:worker_threads';

const { startNs, intervalNs, count } = workerData;
const cell = new Int32Array(new SharedArrayBuffer(4));

for (let index = 0; index < count; index += 1) {
  const leftMs = (startNs + index * intervalNs - Number(process.hrtime.bigint())) / 1e6;
  if (leftMs > 0) Atomics.wait(cell, 0, 0, leftMs);
  parentPort.postMessage(index);
}
