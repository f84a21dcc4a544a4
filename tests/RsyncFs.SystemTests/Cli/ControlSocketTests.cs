using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Cli;

public sealed class ControlSocketTests(ITestOutputHelper output) : IDisposable
{
    private static readonly RsyncFsProgram Program = new();

    private readonly TemporaryDirectory _directory = new();

    private string Socket => _directory.At("state/control.sock");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task IsForItsOwnUserAndGoneWhenTheReceiverIs()
    {
        await using (var serving = await ServeAsync("a"))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Socket));
            Assert.Equal(143, (await serving.StopAsync()).ExitCode);
        }

        Assert.False(File.Exists(Socket));
    }

    [Fact]
    public async Task AnotherUserIsRefusedThoughTheModeWouldLetHim()
    {
        await using var serving = await ServeAsync("a");
        OpenToAll();
        var stranger = Command.Try(
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            RsyncFsProgram.Path,
            "target",
            "list",
            "--state",
            _directory.At("state")
        );
        output.WriteLine(stranger.Error);
        Assert.NotEqual(0, stranger.ExitCode);
        Assert.Empty(stranger.Output);
        Assert.Contains(
            "the receiver did not answer [unreachable]",
            stranger.Error,
            StringComparison.Ordinal
        );

        File.SetUnixFileMode(Socket, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        stranger = Command.Try(
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            RsyncFsProgram.Path,
            "target",
            "list",
            "--state",
            _directory.At("state")
        );
        Assert.Equal(6, stranger.ExitCode);
        Assert.Contains("[permission-denied]", stranger.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await ListAsync()).ExitCode);
    }

    [Fact]
    public async Task ASocketThatADeadReceiverLeftIsReplaced()
    {
        await using (var killed = await ServeAsync("a"))
        {
            killed.Signal("KILL");
            await killed.WaitAsync();
        }

        Assert.True(File.Exists(Socket));
        Assert.Equal(0, (await ListAsync()).ExitCode);
        await using var serving = await ServeAsync("a");
        Assert.Contains("\"served\":true", (await ListAsync()).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ALiveSocketIsNotTakenAway()
    {
        await using var serving = await ServeAsync("a");
        var second = await Program.RunAsync(Line("b"));
        output.WriteLine(second.Error);
        Assert.Equal(11, second.ExitCode);
        Assert.Contains(
            "another process has the control socket [locked]",
            second.Error,
            StringComparison.Ordinal
        );
        Assert.Contains($"process {serving.Id},", second.Error, StringComparison.Ordinal);

        await using var third = await Program.ServeAsync([
            .. Line("b")[1..],
            "--socket",
            _directory.At("b.sock"),
        ]);
        Assert.Contains("\"name\":\"a\"", (await ListAsync()).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsNoSocketIsNotTakenAway()
    {
        Directory.CreateDirectory(_directory.At("state"));
        File.WriteAllText(Socket, "precious");
        var result = await Program.RunAsync(Line("a"));
        Assert.Equal(11, result.ExitCode);
        Assert.Contains("it is a file", result.Error, StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(Socket));
    }

    [Fact]
    public async Task APathThatIsTooLongIsSaidToBe()
    {
        var result = await Program.RunAsync([.. Line("a"), "--socket", _directory.At(new string('x', 100))]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("the path of the control socket is too long", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense\n", "protocol-version")]
    [InlineData("{}\n", "protocol-version")]
    [InlineData("{\"v\":2,\"verb\":\"List\"}\n", "protocol-version")]
    [InlineData("{\"v\":1,\"verb\":\"Erase\"}\n", "protocol-version")]
    [InlineData("{\"v\":1,\"verb\":\"Show\",\"target\":\"../a\"}\n", "usage")]
    [InlineData("{\"v\":1,\"verb\":\"Rename\",\"target\":\"a\",\"new_name\":\"../b\"}\n", "usage")]
    [InlineData("{\"v\":1,\"verb\":\"Promote\"}\n", "usage")]
    [InlineData("{\"v\":1,\"verb\":\"List\",\"state_directory\":\"/elsewhere\"}\n", "target-state")]
    public async Task ARequestThatIsNoneIsAnsweredWithAnError(string line, string id)
    {
        await using var serving = await ServeAsync("a");
        using var answer = JsonDocument.Parse(await AskAsync(line));
        Assert.Equal(id, answer.RootElement.GetProperty("error").GetProperty("id").GetString());
        Assert.Contains("\"name\":\"a\"", (await ListAsync()).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CallersThatSayNothingOrTooMuchDoNotDisturbTheOthers()
    {
        await using var serving = await ServeAsync("a");
        using var silent = Connect();
        using var gone = Connect();
        gone.Close();
        Assert.Equal("", await AskAsync(new string('x', 100_000)));
        Assert.Contains("\"name\":\"a\"", (await ListAsync()).Output, StringComparison.Ordinal);
        Assert.Equal(143, (await serving.StopAsync()).ExitCode);
    }

    private Task<RunningProgram> ServeAsync(string name) => Program.ServeAsync(Line(name)[1..]);

    private Task<ProgramResult> ListAsync() =>
        Program.RunAsync("target", "list", "--json", "--state", _directory.At("state"));

    private string[] Line(string name)
    {
        var image = _directory.At($"{name}.img");
        if (!File.Exists(image))
        {
            Images.Make(_directory, $"{name}.img", 1 << 20);
        }

        return
        [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--target",
            $"{name}={image}",
            "--state",
            _directory.At("state"),
        ];
    }

    /// <summary>What a careless administrator would do.</summary>
    private void OpenToAll()
    {
        const UnixFileMode All =
            UnixFileMode.UserRead
            | UnixFileMode.UserWrite
            | UnixFileMode.UserExecute
            | UnixFileMode.OtherRead
            | UnixFileMode.OtherWrite
            | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(_directory.Path, All);
        File.SetUnixFileMode(_directory.At("state"), All);
        File.SetUnixFileMode(Socket, All);
    }

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(Socket));
        return socket;
    }

    /// <summary>Sends, and reads to the end.</summary>
    private async Task<string> AskAsync(string text)
    {
        await using var stream = new NetworkStream(Connect(), ownsSocket: true);
        using var reader = new StreamReader(stream);
        try
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text), TestContext.Current.CancellationToken);
            return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
