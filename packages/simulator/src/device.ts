import type { Random, Weighted } from "./random.ts";

/** A person's device, as the app reports it. */
export type Device = {
  readonly platform: "android" | "ios" | "web";
  readonly deviceType: "phone" | "tablet" | "desktop";
  readonly system: string;
};

const devices: Weighted<Device> = [
  [{ platform: "android", deviceType: "phone", system: "Android 15; Pixel 8" }, 18],
  [{ platform: "android", deviceType: "phone", system: "Android 14; SM-A546B" }, 26],
  [{ platform: "android", deviceType: "phone", system: "Android 13; Redmi Note 12" }, 20],
  [{ platform: "android", deviceType: "tablet", system: "Android 14; SM-X210" }, 5],
  [{ platform: "ios", deviceType: "phone", system: "iOS 18.1; iPhone15,2" }, 15],
  [{ platform: "ios", deviceType: "tablet", system: "iPadOS 18.1; iPad13,18" }, 3],
  [{ platform: "web", deviceType: "desktop", system: "Windows NT 10.0; Win64; x64" }, 9],
  [{ platform: "web", deviceType: "phone", system: "Linux; Android 14; SM-A546B" }, 4],
];

export function drawDevice(random: Random): Device {
  return random.weighted(devices);
}

export function userAgentOf(device: Device): string {
  if (device.platform === "web")
    return `Mozilla/5.0 (${device.system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36`;
  return `Trinity-Mobile-App/1.0 (${device.system})`;
}

/** The app is published every three weeks from this day on. */
const firstReleaseMs = Date.UTC(2025, 8, 1);
const releaseEveryMs = 21 * 86_400_000;

/** @param updateLagMs how long after a release this person installs it */
export function appVersionAt(atMs: number, updateLagMs: number): string {
  const releases = Math.max(0, Math.floor((atMs - updateLagMs - firstReleaseMs) / releaseEveryMs));
  return `3.${Math.floor(releases / 2)}.${releases % 2}`;
}

/** An address from the ranges that documentation may use (RFC 5737, RFC 3849), which no host has. */
export function drawAddress(random: Random): string {
  if (random.chance(0.25))
    return `2001:db8:${random.below(0xffff).toString(16)}:${random.below(0xffff).toString(16)}::${(1 + random.below(0xff)).toString(16)}`;
  return `${random.pick(["192.0.2", "198.51.100", "203.0.113"])}.${1 + random.below(254)}`;
}
