using RsyncFs.Cli.Arguments;
using RsyncFs.Protocol;

namespace RsyncFs.Cli.Engine;

/// <summary>Keeps a connection at the rate that holds, as the time of the week changes it, or a person.</summary>
internal sealed class RateKeeper : IDisposable
{
    // A person who changes it waits no longer than this.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Connection _connection;
    private readonly RateControl _control;
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;

    /// <summary>Sets the rate that holds now, and goes on setting it.</summary>
    public RateKeeper(Connection connection, RateControl control, TimeProvider clock)
    {
        _connection = connection;
        _control = control;
        _clock = clock;
        Keep();
        _timer = clock.CreateTimer(_ => Keep(), state: null, Interval, Interval);
    }

    /// <summary>Leaves the connection at the rate that it has.</summary>
    public void Dispose() => _timer.Dispose();

    private void Keep() =>
        _connection.SendLimitBytesPerSecond = _control.At(_clock.GetLocalNow().DateTime).BytesPerSecond;
}
