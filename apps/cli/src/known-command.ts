import type { Command } from "commander";

/**
 * Refuses a command that does not exist, also where help is asked of it: commander alone would show the help of the program, as if all were well.
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
