import { describe } from './check-value.ts';
import { holdsSecret, type OptionSchema, optionList, schemaOf } from './option-list.ts';

const introduction = `# Configuration

Generated from \`server/config/schema.ts\` by \`npm run docs\`. Do not edit.

Options come from four places; each goes before those above it:

1. the defaults below;
2. a YAML file: \`--config file\`, else the file that \`PARLEY_CONFIG\` names, else \`parley.yaml\` in the folder that the server is started in;
3. environment variables, named in the tables: lists are written with commas or as JSON;
4. flags: \`--dev\`, \`--host\`, \`--port\`, and \`--set option=value\` for any option.

What is not known or not valid stops the start; everything that is wrong is told at once, with its place. \`parley config\` prints what is in effect and
where it comes from, \`parley doctor\` tries it on this machine. Options are read once, at the start. Paths of files are relative to the folder that the
server is started in.

\`\`\`yaml
# parley.yaml
gateway:
  host: 0.0.0.0
  trustedProxies: [10.0.0.0/8]
identity:
  keys:
    - { kid: main, algorithm: HS256, file: /run/secrets/parley-key }
media:
  announcedAddress: 203.0.113.7
\`\`\`
`;

/** docs/configuration.md */
export function toConfigDoc(): string {
  const sections = new Map<string, string[]>();
  for (const { path, envName, schema } of optionList) {
    const section = path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : '';
    const rows = sections.get(section) ?? [];
    sections.set(section, rows);
    rows.push(toRow(`\`${path}\`<br>\`${envName}\``, schema));
    for (const [name, item] of Object.entries(schema.items?.properties ?? {})) {
      rows.push(toRow(`\`${path}[].${name}\``, item));
    }
  }
  const chapters = [...sections].map(([section, rows]) => {
    const heading = section === '' ? 'General' : `\`${section}\``;
    const about = section === '' ? '' : `${schemaOf(section)?.about ?? ''}\n\n`;
    return `## ${heading}\n\n${about}| option | default | what it takes | what it is for |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  return [introduction, ...chapters].join('\n');
}

function toRow(names: string, schema: OptionSchema): string {
  const inDev = schema.devDefault === undefined ? '' : `<br>${toCode(schema.devDefault)} with \`dev\``;
  const unit = schema.unit === undefined ? '' : `, ${schema.unit}`;
  const secret = holdsSecret(schema) ? ' *Masked where it is printed.*' : '';
  const cells = [names, toCode(schema.default) + inDev, describe(schema) + unit, schema.about + secret];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function toCode(value: unknown): string {
  return value === '' ? 'empty' : `\`${JSON.stringify(value)}\``;
}
