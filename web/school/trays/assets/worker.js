// The page of a class's tray, when there is no network: as it was last shown, until
// its time is over. Whatever else is asked for goes to the network as ever.

const pages = "bellkeep-tray-pages";
const files = "bellkeep-tray-files";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request, url));
  else if (url.pathname.startsWith("/assets/")) event.respondWith(file(request));
});

// page is the newest the school has, else the kept one. Only a page that says until
// when it may be kept is kept, and each newer page takes the place of all before.
async function page(request, url) {
  let fresh;
  try {
    fresh = await fetch(request);
  } catch {
    return (await kept(url)) ?? Response.error();
  }
  if (fresh.ok && !fresh.redirected) {
    const until = Number(fresh.headers.get("Bellkeep-Until"));
    if (until > Date.now()) {
      const cache = await caches.open(pages);
      await cache.put(url.pathname, fresh.clone());
    } else if (fresh.headers.has("Bellkeep-Until")) {
      await caches.delete(pages);
    }
  }
  return fresh;
}

async function kept(url) {
  const cache = await caches.open(pages);
  const page = await cache.match(url.pathname);
  if (!page) return undefined;
  if (Number(page.headers.get("Bellkeep-Until")) > Date.now()) return page;
  await caches.delete(pages);
  return undefined;
}

// file is a style or a script: nothing personal. Its address changes with it.
async function file(request) {
  const cache = await caches.open(files);
  const have = await cache.match(request);
  if (have) return have;
  const fresh = await fetch(request);
  if (fresh.ok) await cache.put(request, fresh.clone());
  return fresh;
}
