using BenchmarkDotNet.Running;

// Choose with --filter '*Weak*', shorten with --job short. Results are only worth keeping from a quiet machine.
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
