const line = /^(?<thread>\d+)\s+(?<rest>.*)$/;
const synced = /^(?:fsync|fdatasync)\(\d+<(?<path>[^>]*)>/;
const resumedSync = /^<\.\.\. (?:fsync|fdatasync) resumed>/;

/**
 * Reads a trace of `strace -f -y -e trace=read,write,writev,fsync,fdatasync`, with sequential requests.
 * A sync counts if it returned 0 and its file is the log.
 * @param logFile the end of the path of the file that must be synced
 * @returns for each answer 202, how many syncs of the log returned after its request was read and before it was written
 */
export function syncsPerAnswer(trace: string, logFile: string): readonly number[] {
  const answers: number[] = [];
  const underWay = new Map<string, string>();
  let syncs = 0;
  for (const text of trace.split("\n")) {
    const { thread = "", rest = "" } = line.exec(text)?.groups ?? {};
    if (/^read\(.*"POST \/v1\/events/.test(rest)) syncs = 0;
    else if (/^writev?\(.*"HTTP\/1\.1 202/.test(rest)) answers.push(syncs);
    const path = resumedSync.test(rest) ? underWay.get(thread) : synced.exec(rest)?.groups?.["path"];
    if (path === undefined) continue;
    if (rest.endsWith("<unfinished ...>")) underWay.set(thread, path);
    else if (path.endsWith(logFile) && rest.endsWith("= 0")) syncs += 1;
  }
  return answers;
}
