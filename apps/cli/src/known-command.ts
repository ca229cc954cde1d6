import type { Command } from "commander";

/**
 * Refuses an unknown command, also with `--help`: commander alone would show the help of the program and succeed.
 * @throws {CommanderError} by way of the command
 */
export function requireKnownCommand(command: Command, words: readonly string[]): void {
  const [word, ...rest] = words;
  if (word === undefined || word.startsWith("-") || command.commands.length === 0) return;
  const found = word === "help" ? command : command.commands.find((one) => one.name() === word);
  if (found !== undefined) return requireKnownCommand(found, rest);
  const names = command.commands.map((one) => one.name()).join(", ");
  command.error(`error: there is no command ${word}; there are ${names}`, { exitCode: 2, code: "commander.unknownCommand" });
}
