using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using RsyncFs.Bench;

// Choose with --filter '*Weak*', shorten with --job short. Results are only worth keeping from a quiet machine.
var config = DefaultConfig.Instance.AddColumn(new GigabytesPerSecondColumn());
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
