/** `deeptheory completion SHELL` */
import { Argument, type Command } from 'commander';
import { dataNames } from '../card/data.ts';
import type { Shell } from './shell.ts';

const shells = ['bash', 'zsh', 'fish'] as const;
type ShellName = (typeof shells)[number];

/** What may follow a verb; and for verbs that take settings, the settings that may follow a result. */
interface Words {
  readonly verbs: Readonly<Record<string, readonly string[]>>;
  readonly settable: readonly string[];
  readonly settings: Readonly<Record<string, readonly string[]>>;
}

export function addCompletion(program: Command, shell: Shell): void {
  program
    .command('completion')
    .description('a script that completes verbs, options, results and settings in a shell')
    .addArgument(new Argument('<shell>', 'the shell it is for').choices(shells))
    .addHelpText(
      'after',
      '\nExamples:\n  eval "$(deeptheory completion bash)"     # in ~/.bashrc; zsh likewise in ~/.zshrc\n  deeptheory completion fish | source      # in ~/.config/fish/config.fish',
    )
    .action(async (name: ShellName) => {
      shell.out.write(script(name, await wordsOf(program, shell)));
    });
}

/** Options of every verb, and the results and their settings where a verb takes them. */
async function wordsOf(program: Command, shell: Shell): Promise<Words> {
  const experiments = await Promise.all(Object.values(shell.results).map((load) => load()));
  const results = experiments.map(({ name }) => name);
  const settings = experiments.map(({ name, settings: { shape } }): readonly [string, readonly string[]] => [
    name,
    Object.keys(shape).map((key) => `${key}=`),
  ]);
  const takesSettings = ({ registeredArguments }: Command): boolean =>
    registeredArguments.some((argument) => ['settings', 'condition'].includes(argument.name()));
  const operands = ({ registeredArguments }: Command): readonly string[] =>
    registeredArguments.flatMap((argument) => {
      const name = argument.name();
      if (argument.argChoices !== undefined) return argument.argChoices;
      return [
        ...(/result|run|settings|condition/.test(name) ? results : []),
        ...(name.startsWith('run') ? ['last'] : []),
      ];
    });
  const entries = program.commands.map((verb): readonly [string, readonly string[]] => {
    const options = verb.options.flatMap(({ long, argChoices = [] }) => [...(long ? [long] : []), ...argChoices]);
    const inner = verb.commands.map((c) => c.name());
    if (verb.name() === 'analyze') inner.push(...dataNames);
    return [verb.name(), [...new Set([...operands(verb), ...inner, ...options, '--help'])]];
  });
  return {
    verbs: Object.fromEntries(entries),
    settable: program.commands.filter(takesSettings).map((verb) => verb.name()),
    settings: Object.fromEntries(settings),
  };
}

function script(name: ShellName, { verbs, settable, settings }: Words): string {
  if (name === 'fish') {
    const first = `complete -c deeptheory -n __fish_use_subcommand -f -a '${Object.keys(verbs).join(' ')}'`;
    const rest = Object.entries(verbs).map(
      ([verb, list]) => `complete -c deeptheory -n '__fish_seen_subcommand_from ${verb}' -a '${list.join(' ')}'`,
    );
    const chosen = Object.entries(settings).map(
      ([result, list]) =>
        `complete -c deeptheory -n '__fish_seen_subcommand_from ${settable.join(' ')}; and __fish_seen_subcommand_from ${result}' -a '${list.join(' ')}'`,
    );
    return `${[first, ...rest, ...chosen].join('\n')}\n`;
  }
  const cases = Object.entries(verbs).map(([verb, list]) => `      ${verb}) words='${list.join(' ')}' ;;`);
  const chosen = Object.entries(settings).map(
    ([result, list]) => `          ${result}) words="$words ${list.join(' ')}" ;;`,
  );
  // zsh reads bash's completions.
  return `${name === 'zsh' ? 'autoload -U +X bashcompinit && bashcompinit\n' : ''}_deeptheory() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words='' word
  if [ "$COMP_CWORD" -eq 1 ]; then
    words='${Object.keys(verbs).join(' ')}'
  else
    case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    esac
    case "\${COMP_WORDS[1]}" in ${settable.join('|')})
      for word in "\${COMP_WORDS[@]:2}"; do
        case "$word" in
${chosen.join('\n')}
        esac
      done ;;
    esac
  fi
  COMPREPLY=( $(compgen -W "$words" -- "$current") )
  case "\${COMPREPLY[0]}" in *=) compopt -o nospace 2> /dev/null ;; esac
}
complete -o default -F _deeptheory deeptheory
`;
}
