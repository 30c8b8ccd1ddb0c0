// The machine's live state. Silence is noticed here: the server speaks every five seconds, news or not.

const SILENT_MS = 12000;
const AGAIN_MS = 1000;

export function listen(onState, onSilence) {
  let source, watch;

  function open() {
    clearTimeout(watch);
    source?.close();
    source = new EventSource("/live");
    source.onmessage = (message) => {
      alive();
      onState(JSON.parse(message.data));
    };
    source.onerror = () => {
      onSilence();
      clearTimeout(watch);
      watch = setTimeout(open, AGAIN_MS);
    };
    alive();
  }

  function alive() {
    clearTimeout(watch);
    watch = setTimeout(() => {
      onSilence();
      open();
    }, SILENT_MS);
  }

  open();
}
