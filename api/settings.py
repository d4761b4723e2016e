"""Settings of the HTTP service, read from the environment once, in the entry points."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")
_EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - compared with, never bound by default


class ServiceSettings(BaseSettings):
    """Where the service listens and under which names it answers (environment prefix `ZHIKU_SERVE_`)."""

    model_config = SettingsConfigDict(env_prefix="ZHIKU_SERVE_", frozen=True)

    host: str = Field("127.0.0.1", description="监听地址 (address to listen on)")
    port: int = Field(8000, ge=0, le=65535, description="监听端口；0 = 任选空闲端口 (port; 0 = any free one)")
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="除本机外允许的主机名，逗号分隔；其余一律拒绝 (further host names, comma separated)",
    )
    public_url: str = Field(
        "",
        description="对外网址，如反向代理的 https 地址；用于进入链接，https 时 Cookie 只走加密连接 "
        "(address seen by others, such as a reverse proxy's)",
    )
    session_hours: float = Field(12.0, gt=0, le=168, description="网页会话时长，小时 (life of a web session, hours)")
    link_minutes: float = Field(30.0, gt=0, description="一次性进入链接的有效期，分钟 (life of the link, minutes)")
    body_limit_bytes: int = Field(
        1_048_576, ge=1024, description="请求正文的上限，字节 (largest body of a request, bytes)"
    )
    opening_wait_s: float = Field(
        10.0, ge=0, description="启动时请求等待图数据库打开的最长时间，秒 (longest wait for the store, seconds)"
    )
    follow_seconds: float = Field(
        1.0, gt=0, description="文本索引跟进图数据库的间隔，秒 (pause between catch-ups of the text index, seconds)"
    )
    warm_up_questions: int = Field(
        24,
        ge=0,
        le=1_000,
        description="启动后在后台先自问几个问题，使第一个提问的人不必等；0 = 不预热 "
        "(questions asked in the background after a start, so that the first person need not wait; 0 = none)",
    )

    questions_at_once: int = Field(
        2,
        ge=1,
        le=64,
        description="同时计算几个按主题的问题，其余排队：更多只会互相拖慢 "
        "(questions for a topic worked on at once; further ones wait their turn, since more only slow each other)",
    )

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("public_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname):
            raise ValueError("ZHIKU_SERVE_PUBLIC_URL 必须是 http:// 或 https:// 开头的网址")
        return value.rstrip("/")

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the service directly."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def hosts(self) -> frozenset[str]:
        """The host names answered to, in lower case, IPv6 addresses in brackets."""
        named = list(LOOPBACK_HOSTS) + list(self.allowed_hosts)
        if self.host not in _EVERY_ADDRESS:
            named.append(f"[{self.host}]" if ":" in self.host else self.host)
        if self.public_url:
            name = urlsplit(self.public_url).hostname or ""
            named.append(f"[{name}]" if ":" in name else name)
        return frozenset(name.lower() for name in named)

    @property
    def secure(self) -> bool:
        """Whether people reach the service by https, so that cookies may insist on it."""
        return self.public_url.startswith("https://")

    def origin(self, port: int) -> str:
        """The address that opens in a browser when the service listens on `port`."""
        if self.public_url:
            return self.public_url
        host = "127.0.0.1" if self.host in _EVERY_ADDRESS else self.host
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
