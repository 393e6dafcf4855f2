/**
 * The command `wengert`: which commands there are, and how one is found. Each is loaded when it is asked for.
 *
 * @since 0.1.0
 */
import { nearest, type Program, USAGE } from './arguments.js'
import type { Terminal } from './terminal.js'
import { version } from './version.js'

interface Command {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<Program>
}

const COMMANDS: ReadonlyArray<Command> = [
  {
    name: 'check',
    summary: 'say whether the gradients of models are right, and which rule is to blame if not',
    load: async () => (await import('./checkProgram.js')).check,
  },
  {
    name: 'verify',
    summary: 'check a certificate that wengert check wrote: verify replay FILE',
    load: async () => (await import('./replayProgram.js')).verify,
  },
  {
    name: 'train',
    summary: 'train a model that a configuration describes',
    load: async () => (await import('./trainProgram.js')).train,
  },
  {
    name: 'predict',
    summary: 'use a trained model',
    load: async () => (await import('./predictProgram.js')).predict,
  },
  {
    name: 'draw',
    summary: 'draw the graph of a model',
    load: async () => (await import('./drawProgram.js')).draw,
  },
  {
    name: 'explain',
    summary: 'print the chain rule of a parameter',
    load: async () => (await import('./explainProgram.js')).explain,
  },
  {
    name: 'lesson',
    summary: 'run a lesson: from a line through houses to convolutions on MNIST',
    load: async () => (await import('./lessonProgram.js')).lesson,
  },
]

const NAMES = COMMANDS.map(({ name }) => name)

const WIDTH = Math.max(...NAMES.map(({ length }) => length))

const HELP = `Automatic differentiation, and gradients that are known to be right.

  wengert COMMAND [options]

${COMMANDS.map(({ name, summary }) => `  ${name.padEnd(WIDTH)}   ${summary}`).join('\n')}
  ${'help'.padEnd(WIDTH)}   this text, or that of a command: help COMMAND

  wengert COMMAND --help   what a command takes
  wengert --version

Exit codes: 0 all went well; 1 a gradient is wrong, a certificate does not hold, or a run failed; 2 it could not be
told; 3 the command, a file or an option is not usable, and nothing was done; 130 stopped by Ctrl-C.

Colours and progress bars appear on terminals only; NO_COLOR (https://no-color.org) turns colours off.
`

/**
 * Runs `wengert` with the arguments of its command line; the exit code.
 *
 * @category destructors
 * @since 0.1.0
 */
export const wengert: Program = async (args: ReadonlyArray<string>, terminal: Terminal): Promise<number> => {
  const [first, ...rest] = args[0] === 'help' && args.length > 1 ? [args[1], '--help'] : args
  if (first === undefined) {
    terminal.error(HELP)
    return USAGE
  }
  if (first === '--help' || first === '-h' || first === 'help') {
    terminal.write(HELP)
    return 0
  }
  if (first === '--version' || first === '-v') {
    terminal.write(`${version()}\n`)
    return 0
  }
  const command = COMMANDS.find(({ name }) => name === first)
  if (command !== undefined) return (await command.load())(rest, terminal)
  const meant = nearest(first, [...NAMES, 'help'])
  const hint = meant === null ? `there are ${NAMES.join(', ')}` : `did you mean wengert ${meant}?`
  terminal.error(`there is no command ${first}; ${hint}${meant === null ? '. ' : ' '}Try wengert --help.\n`)
  return USAGE
}
