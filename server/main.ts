#!/usr/bin/env node
import { runProgram } from './cli/program.ts';

// `parley help` starts nothing, `parley serve` goes on until a signal comes: only a failure ends the process from here.
const exitCode = await runProgram(process.argv.slice(2), process);
if (exitCode !== undefined) process.exit(exitCode);
