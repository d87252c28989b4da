/**
 * What this device keeps until the server has it: IndexedDB, or memory where a browser allows none.
 *
 * `change` reads and writes in one transaction, so that two tabs never hand out the same number.
 */
const STORES = { answers: ["attempt", "place"], posts: "url", times: "url", facts: "name" };
const TAIL = [[]]; // sorts after every number and every text
const memory = {};
let opened = null;

function open() {
  opened = opened || new Promise((done, failed) => {
    const asked = window.indexedDB.open("hoc", 1);
    asked.onupgradeneeded = () => {
      for (const name of Object.keys(STORES)) {
        asked.result.createObjectStore(name, { keyPath: STORES[name] });
      }
    };
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close();
      done(asked.result);
    };
    asked.onerror = () => failed(asked.error);
    asked.onblocked = () => failed(new Error("blocked"));
  });
  return opened;
}

/** Runs `work(store, answer)` in one transaction; the promise is kept once it is on the disk. */
async function within(name, mode, work) {
  const base = await open();
  return new Promise((done, failed) => {
    const transaction = base.transaction(name, mode, { durability: "strict" });
    let result;
    transaction.oncomplete = () => done(result);
    transaction.onabort = () => failed(transaction.error);
    work(transaction.objectStore(name), (value) => { result = value; });
  });
}

const kept = (name) => { memory[name] = memory[name] || new Map(); return memory[name]; };
const same = (key) => JSON.stringify(key);
const path = (name, value) => [].concat(STORES[name]).map((part) => value[part]);
const single = (parts) => (parts.length > 1 ? parts : parts[0]);

/** Everything of a store, or what belongs to one attempt. */
export async function all(name, attempt) {
  try {
    const range = attempt ? window.IDBKeyRange.bound([attempt], [attempt, ...TAIL]) : null;
    return await within(name, "readonly", (store, answer) => {
      store.getAll(range).onsuccess = (event) => answer(event.target.result);
    });
  } catch {
    return [...kept(name).values()].filter((one) => !attempt || one.attempt === attempt);
  }
}

/** Make what `edit(before)` returns the new value; undefined takes it away. */
export async function change(name, key, edit) {
  try {
    return await within(name, "readwrite", (store, answer) => {
      store.get(key).onsuccess = (event) => {
        const after = edit(event.target.result);
        answer(after);
        if (after === undefined) store.delete(key);
        else store.put(after);
      };
    });
  } catch {
    const after = edit(kept(name).get(same(key)));
    if (after === undefined) kept(name).delete(same(key));
    else kept(name).set(same(single(path(name, after))), after);
    return after;
  }
}

/** Forget everything. */
export async function clear() {
  for (const name of Object.keys(STORES)) {
    kept(name).clear();
    await within(name, "readwrite", (store) => store.clear()).catch(() => null);
  }
}

/** A name of this device, made here once. */
export async function device() {
  const made = Array.from(window.crypto.getRandomValues(new Uint8Array(12)), (byte) => byte % 36);
  const value = made.map((digit) => digit.toString(36)).join("");
  return (await change("facts", "device", (old) => old || { name: "device", value })).value;
}
