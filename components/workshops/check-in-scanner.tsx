"use client";

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useEffect, useRef, useState } from "react";

/** Reads a picture; null where there is no code in it. */
type Reader = (video: HTMLVideoElement) => Promise<string | null>;

/** The browser's own reader of codes (Shape Detection API, W3C draft), where it has one. */
type NativeDetector = { detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]> };
type DetectorClass = {
  new (options: { formats: string[] }): NativeDetector;
  getSupportedFormats(): Promise<string[]>;
};

const looksEveryMilliseconds = 150;
/** The same code held before the camera counts once within this long. */
const sameCodeMilliseconds = 4000;
/** Wide enough for a code at arm's length, small enough for an old phone. */
const pictureWidth = 480;

async function nativeReader(): Promise<Reader | null> {
  const Detector = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  if (!Detector || !(await Detector.getSupportedFormats().catch(() => [] as string[])).includes("qr_code")) return null;
  const detector = new Detector({ formats: ["qr_code"] });
  return async (video) => (await detector.detect(video))[0]?.rawValue ?? null;
}

/** The reader in plain JavaScript, loaded only where the browser has none. */
async function ownReader(): Promise<Reader> {
  const { default: readCode } = await import("jsqr");
  const canvas = document.createElement("canvas");
  const picture = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    if (!picture || video.videoWidth === 0) return null;
    canvas.width = Math.min(pictureWidth, video.videoWidth);
    canvas.height = Math.round((canvas.width / video.videoWidth) * video.videoHeight);
    picture.drawImage(video, 0, 0, canvas.width, canvas.height);
    const { data, width, height } = picture.getImageData(0, 0, canvas.width, canvas.height);
    return readCode(data, width, height, { inversionAttempts: "dontInvert" })?.data ?? null;
  };
}

/** Why there is no picture, in words for whoever stands at the door. */
function cameraProblem(error: unknown): string {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError")
    return "This browser may not use the camera. Allow it in the settings of the site (beside the address), then try again.";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "This device has no camera.";
  if (name === "NotReadableError") return "Another program uses the camera. Close it, then try again.";
  return "The camera could not be started.";
}

async function openCamera(): Promise<MediaStream> {
  if (!navigator.mediaDevices?.getUserMedia) throw new DOMException("no camera here", "NotFoundError");
  return navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
}

function turnOff(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** The camera of the phone, looking for codes until it is closed. `onRead` gets each code once while it is held there. */
export function Scanner({ onRead, onClose }: { onRead: (text: string) => void; onClose: () => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [tries, setTries] = useState(0);
  const read = useRef(onRead);
  useEffect(() => {
    read.current = onRead;
  }, [onRead]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another try starts the camera again
  useEffect(() => {
    let stopped = false;
    let stream: MediaStream | null = null;
    let timer: number | undefined;
    let last = { text: "", at: 0 };
    const look = async (reader: Reader) => {
      if (stopped || !video.current) return;
      const text = await reader(video.current).catch(() => null);
      if (stopped) return;
      const now = performance.now();
      if (text && (text !== last.text || now - last.at > sameCodeMilliseconds)) {
        navigator.vibrate?.(60);
        read.current(text);
      }
      if (text) last = { text, at: now };
      timer = window.setTimeout(() => void look(reader), looksEveryMilliseconds);
    };
    const start = async () => {
      try {
        stream = await openCamera();
        if (stopped || !video.current) return turnOff(stream);
        video.current.srcObject = stream;
        await video.current.play();
        await look((await nativeReader()) ?? (await ownReader()));
      } catch (error) {
        if (!stopped) setProblem(cameraProblem(error));
      }
    };
    setProblem(null);
    void start();
    return () => {
      stopped = true;
      window.clearTimeout(timer);
      turnOff(stream);
    };
  }, [tries]);

  return (
    <SpaceBetween size="s">
      {problem ? (
        <Alert
          type="warning"
          header="No picture"
          action={<Button onClick={() => setTries(tries + 1)}>Try again</Button>}
        >
          {problem} The phone's own camera reads the codes too, and the list finds everybody by name.
        </Alert>
      ) : (
        <div className="check-in-camera">
          <video ref={video} muted playsInline aria-label="Picture of the camera" />
        </div>
      )}
      <SpaceBetween direction="horizontal" size="xs" alignItems="center">
        <Button iconName="close" onClick={onClose}>
          Close the camera
        </Button>
        {problem ? null : <Box color="text-body-secondary">Hold the code of “my workshop” before the camera.</Box>}
      </SpaceBetween>
    </SpaceBetween>
  );
}
