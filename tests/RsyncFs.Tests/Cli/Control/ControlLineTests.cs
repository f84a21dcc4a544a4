using System.Text;
using System.Text.Json;
using RsyncFs.Cli.Engine.Control;
using RsyncFs.Cli.Json;
using RsyncFs.Errors;
using RsyncFs.Tests.Cli.Targets;
using Xunit;

namespace RsyncFs.Tests.Cli.Control;

public sealed class ControlLineTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("{}\n", "{}")]
    [InlineData("\n", "")]
    [InlineData("a\nb\n", "a")]
    public async Task ALineEndsWithALineFeed(string sent, string line) =>
        Assert.Equal(line, Encoding.UTF8.GetString((await ReadAsync(sent))!.Value.Span));

    [Theory]
    [InlineData("")]
    [InlineData("{\"v\":1")]
    public async Task ALineThatDoesNotEndIsNone(string sent) => Assert.Null(await ReadAsync(sent));

    [Fact]
    public async Task ALineThatIsTooLongIsRefusedBeforeItIsTaken()
    {
        using var endless = new MemoryStream(new byte[1 << 20]);
        await Assert.ThrowsAsync<IOException>(() =>
            ControlLine.ReadAsync(endless, ControlLine.MaxRequestBytes, Token)
        );
        Assert.InRange(endless.Position, ControlLine.MaxRequestBytes, 2 * ControlLine.MaxRequestBytes);
    }

    /// <summary>As deep as a request can be: it is refused, and no stack runs over.</summary>
    [Theory]
    [InlineData("[")]
    [InlineData("{\"verb\":")]
    [InlineData("{\"of_tomorrow\":[")]
    public void ARequestThatGoesDeepIsRefused(string nested)
    {
        var line = string.Concat(Enumerable.Repeat(nested, ControlLine.MaxRequestBytes / nested.Length));
        Assert.Throws<JsonException>(() =>
            JsonSerializer.Deserialize(line, JsonLines.Context.ControlRequest)
        );
    }

    [Fact]
    public async Task WhatIsWrittenIsRead()
    {
        using var stream = new MemoryStream();
        await ControlLine.WriteAsync(stream, "{\"v\":1}"u8.ToArray(), Token);
        stream.Position = 0;
        var line = await ControlLine.ReadAsync(stream, ControlLine.MaxAnswerBytes, Token);
        Assert.Equal("{\"v\":1}", Encoding.UTF8.GetString(line!.Value.Span));
    }

    [Fact]
    public void ARequestSaysItsVersion()
    {
        var request = new ControlRequest
        {
            Verb = ControlVerb.Promote,
            Target = "db01",
            Force = true,
        };
        var text = JsonSerializer.Serialize(request, JsonLines.Context.ControlRequest);
        Assert.Equal(
            """{"v":1,"verb":"Promote","target":"db01","force":true,"dry_run":false,"new_sender":false,"overwrite":false,"wait":false}""",
            text
        );
        Assert.Equal(request, JsonSerializer.Deserialize(text, JsonLines.Context.ControlRequest));
    }

    [Fact]
    public void AnErrorCrossesWhole()
    {
        var error = new RefusedException(ErrorId.TargetBusy, "what")
        {
            Where = "where",
            Cause = "cause",
            Hint = "hint",
        };
        var answer = new ControlAnswer { Error = ControlError.Of(error) };
        var text = JsonSerializer.Serialize(answer, JsonLines.Context.ControlAnswer);
        var back = JsonSerializer.Deserialize(text, JsonLines.Context.ControlAnswer)!.Error!.ToException();
        Assert.Equal(
            (error.Id, error.Message, error.Where, error.Cause, error.Hint, error.ExitCode),
            (back.Id, back.Message, back.Where, back.Cause, back.Hint, back.ExitCode)
        );
    }

    [Fact]
    public void AnErrorOfANewerReceiverKeepsItsWords()
    {
        var error = new ControlError { Id = "of-tomorrow", Message = "what" };
        Assert.Equal("what", error.ToException().Message);
    }

    [Fact]
    public void EveryKindOfDocumentCrossesWhole()
    {
        foreach (var document in (ControlDocument[])[Documents.List, Documents.Show, Documents.Promoted])
        {
            var answer = new ControlAnswer { Document = document };
            var text = JsonSerializer.Serialize(answer, JsonLines.Context.ControlAnswer);
            var back = JsonSerializer.Deserialize(text, JsonLines.Context.ControlAnswer)!.Document!;
            Assert.Equal(document.GetType(), back.GetType());
            Assert.Equal(JsonLines.Print(document), JsonLines.Print(back));
        }
    }

    private static async Task<ReadOnlyMemory<byte>?> ReadAsync(string sent)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(sent));
        return await ControlLine.ReadAsync(stream, ControlLine.MaxRequestBytes, Token);
    }
}
